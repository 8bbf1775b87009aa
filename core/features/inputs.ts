import { DataError } from '../../contracts/errors.js';
import type { Knowledge } from '../../contracts/knowledge.js';
import type { InputKind, ModelInput } from '../../contracts/model.js';
import type { FeaturesConfig } from '../../contracts/featureSettings.js';
import type { Columns } from '../../contracts/settings.js';
import type { ColumnBatch } from '../../contracts/table.js';
import { vstack } from '../sparse.js';
import {
  featureNames,
  fitFeaturizer,
  newFeaturizer,
  selectableFeatures,
  transform,
  type Featurizer,
} from './featurizer.js';
import { fitSequences, SEQUENCE, sequenceTransformer, type SequencePlan } from './sequence.js';
import { fitSteps } from './steps.js';

/** What a model wants to be fed. */
export interface InputPlan extends SequencePlan {
  readonly input: InputKind;
  /** Becomes features of models that take features. */
  readonly knowledge?: Knowledge;
}

/** Targets of the training rows, for features that are selected or reduced by them. */
export interface TrainingTargets {
  readonly targets: Int32Array; // (n,), class codes
  readonly outputs: number;
  readonly seed: number;
}

/**
 * Learns the features that a model is fed. Give it training rows only.
 *
 * @param training needed where the configuration selects or reduces features
 * @throws DataError where the model reads text and there is no text column
 */
export function fitInputs(
  batches: readonly ColumnBatch[],
  columns: Columns,
  config: FeaturesConfig,
  plan: InputPlan,
  training?: TrainingTargets,
): Featurizer {
  if (plan.input === 'sparse' || plan.input === 'dense') {
    return withSteps(fitFeaturizer(batches, columns, config, plan.knowledge), batches, config, training);
  }
  if (columns.text.length === 0) {
    throw new DataError('the model reads text: name its column under dataset.columns.text');
  }
  return newFeaturizer([fitSequences(batches, columns.text, config, plan)]);
}

function withSteps(
  featurizer: Featurizer,
  batches: readonly ColumnBatch[],
  config: FeaturesConfig,
  training: TrainingTargets | undefined,
): Featurizer {
  if ((!config.select && config.reduce.length === 0) || featurizer.width === 0) return featurizer;
  if (!training)
    throw new RangeError('features.select and features.reduce need the targets of the training rows');
  const matrix = vstack(batches.map((batch) => transform(featurizer, batch)));
  const named = { names: featureNames(featurizer), selectable: selectableFeatures(featurizer) };
  return newFeaturizer(featurizer.blocks, fitSteps({ matrix, ...named, ...training }, config));
}

const transformers = new WeakMap<Featurizer, (batch: ColumnBatch) => ModelInput>();

/** What a model is fed of these rows, in row order. */
export function makeInput(featurizer: Featurizer, batch: ColumnBatch): ModelInput {
  let make = transformers.get(featurizer);
  if (!make) {
    const [block] = featurizer.blocks;
    make =
      block?.kind === SEQUENCE
        ? sequenceTransformer(block)
        : (rows) => ({ kind: 'sparse', matrix: transform(featurizer, rows) });
    transformers.set(featurizer, make);
  }
  return make(batch);
}
