import { softmaxRows } from '../probability.js';
import type { FeatureRows, LinearCheckpoint } from './estimator.js';
import { forEachEntry } from './narrowFeatures.js';

/** Samples as a last layer sees them. */
export interface LastLayerSide {
  readonly features: FeatureRows; // (n, d)
  readonly targets: Int32Array; // (n,)
}

type Layer = Pick<LinearCheckpoint, 'weights' | 'intercept'>;

/** Logits of each sample, (n, K). */
export function layerLogits({ weights, intercept }: Layer, features: FeatureRows): Float64Array {
  const outputs = intercept.length;
  const logits = new Float64Array(features.matrix.rows * outputs);
  for (let at = 0; at < logits.length; at += outputs) logits.set(intercept, at);
  forEachEntry(features, (row, col, value) => {
    for (let k = 0; k < outputs; k++) logits[row * outputs + k]! += value * weights[col * outputs + k]!;
  });
  return logits;
}

/** p − e_y of each sample at a checkpoint, (n, K): the loss's gradient by its logits. */
export function residualsAt(checkpoint: Layer, { features, targets }: LastLayerSide): Float64Array {
  const outputs = checkpoint.intercept.length;
  const residuals = softmaxRows(layerLogits(checkpoint, features), outputs);
  targets.forEach((target, row) => (residuals[row * outputs + target]! -= 1));
  return residuals;
}

/** ‖x‖² + 1 of each sample, (n,): the 1 is the intercept's. */
export function squaredNormsWithIntercept(features: FeatureRows): Float64Array {
  const norms = new Float64Array(features.matrix.rows).fill(1);
  forEachEntry(features, (row, _, value) => (norms[row]! += value * value));
  return norms;
}

/** Squared norm of each row of a row-major matrix, (n,). */
export function squaredRowNorms(values: Float64Array, cols: number): Float64Array {
  const norms = new Float64Array(cols === 0 ? 0 : values.length / cols);
  values.forEach((value, at) => (norms[Math.floor(at / cols)]! += value * value));
  return norms;
}

/** Sum over samples of the gradient of the loss by the layer's parameters, (d + 1, K), the intercept's last. */
export function summedGradient(
  features: FeatureRows,
  residuals: Float64Array,
  outputs: number,
): Float64Array {
  const { cols } = features.matrix;
  const gradient = new Float64Array((cols + 1) * outputs);
  forEachEntry(features, (row, col, value) => {
    for (let k = 0; k < outputs; k++) gradient[col * outputs + k]! += value * residuals[row * outputs + k]!;
  });
  residuals.forEach((residual, at) => (gradient[cols * outputs + (at % outputs)]! += residual));
  return gradient;
}

/** Inner product of each sample's gradient with a vector over the parameters (d + 1, K), (n,). */
export function gradientDots(
  features: FeatureRows,
  residuals: Float64Array,
  vector: Float64Array,
  outputs: number,
): Float64Array {
  const { rows, cols } = features.matrix;
  const projected = new Float64Array(rows * outputs); // x̃·vector, (n, K)
  for (let at = 0; at < projected.length; at++) projected[at] = vector[cols * outputs + (at % outputs)]!;
  forEachEntry(features, (row, col, value) => {
    for (let k = 0; k < outputs; k++) projected[row * outputs + k]! += value * vector[col * outputs + k]!;
  });
  const dots = new Float64Array(rows);
  for (let at = 0; at < projected.length; at++) {
    dots[Math.floor(at / outputs)]! += projected[at]! * residuals[at]!;
  }
  return dots;
}
