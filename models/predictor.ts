import type { Engine } from '../contracts/engine.js';
import type { DenseMatrix, Tensor } from '../contracts/matrix.js';
import type { ColumnBatch } from '../contracts/table.js';
import { makeInput } from '../core/features/inputs.js';
import type { Featurizer } from '../core/features/featurizer.js';
import { modelByName } from './index.js';

/** What a registered model is made of. */
export interface PredictorParts {
  readonly model: string; // name in the registry of models
  readonly tensors: readonly Tensor[];
  readonly featurizer: Featurizer;
  readonly classes: readonly string[]; // (K,)
  /** Given to models that say `usesEngine`. */
  readonly engine?: Engine;
}

/** A model with its features: from rows to logits. */
export interface Predictor {
  readonly classes: readonly string[];
  /** (rows, K), in row order. @throws RangeError where the batch lacks a column */
  logits(batch: ColumnBatch): DenseMatrix;
}

/** Puts a stored model and its featurizer together. */
export function createPredictor(parts: PredictorParts): Predictor {
  const { model, tensors, featurizer, classes, engine } = parts;
  const fitted = modelByName(model).load(tensors, engine);
  return {
    classes,
    logits: (batch) => ({
      rows: batch.rows,
      cols: classes.length,
      values: batch.rows === 0 ? new Float64Array(0) : fitted.predictLogits(makeInput(featurizer, batch)),
    }),
  };
}
