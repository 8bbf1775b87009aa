import type { LinearCheckpoint } from './estimator.js';
import { layerLogits, residualsAt, summedGradient, type LastLayerSide } from './lastLayer.js';
import { createAdam } from './softmaxDescent.js';

/** Epochs of a descent. */
export const DESCENT_EPOCHS = 40;
const RATE = 0.05;
const CHECKPOINT_EVERY = 5;

/** An epoch of a descent. */
export interface DescentEpoch {
  readonly epoch: number; // from 1 on
  readonly logits: Float64Array; // of all rows after it, (n, K)
  readonly checkpoint?: LinearCheckpoint; // after every fifth
}

/**
 * A short descent of a linear softmax model by Adam, all rows a step: training dynamics and checkpoints over features,
 * whatever the model that is trained on them. Without chance.
 *
 * @param weights (n,), of mean 1. @default all 1
 */
export function* descend(
  samples: LastLayerSide,
  outputs: number,
  weights?: Float64Array,
): Generator<DescentEpoch, void> {
  const { features } = samples;
  const { rows: n, cols } = features.matrix;
  const parameters = new Float64Array((cols + 1) * outputs); // the intercept's last
  const step = createAdam(parameters, RATE);
  for (let epoch = 1; epoch <= DESCENT_EPOCHS; epoch++) {
    const residuals = residualsAt(layer(parameters, cols, outputs), samples);
    const weighted = weights
      ? residuals.map((residual, at) => residual * weights[Math.floor(at / outputs)]!)
      : residuals;
    step(summedGradient(features, weighted, outputs).map((value) => value / n));
    const after = layer(parameters, cols, outputs);
    const logits = layerLogits(after, features);
    const isKept = epoch % CHECKPOINT_EVERY === 0;
    yield { epoch, logits, ...(isKept ? { checkpoint: { ...after, learningRate: RATE } } : {}) };
  }
}

/** The parameters as a layer of their own. */
const layer = (parameters: Float64Array, cols: number, outputs: number) => ({
  weights: parameters.slice(0, cols * outputs),
  intercept: parameters.slice(cols * outputs),
});
