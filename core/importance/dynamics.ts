import type { TrainingDynamics } from './estimator.js';

/** Dynamics of n samples with their labels. */
export interface LabelledDynamics extends TrainingDynamics {
  readonly targets: Int32Array; // (n,)
  readonly outputs: number; // K
}

/**
 * Calls `visit` for every epoch and sample, epochs first, with the place of the sample's logits.
 *
 * @param visit is given the epoch, the row, and where the row's K logits start
 */
export function forEachLogits(
  { epochs, targets, outputs }: LabelledDynamics,
  visit: (epoch: number, row: number, start: number) => void,
): void {
  for (let epoch = 0, start = 0; epoch < epochs; epoch++) {
    for (let row = 0; row < targets.length; row++, start += outputs) visit(epoch, row, start);
  }
}

/** 1 where the label is the class of the highest logit (the first of equals), (T, n). */
export function correctByEpoch(dynamics: LabelledDynamics): Uint8Array {
  const { epochs, logits, targets, outputs } = dynamics;
  const correct = new Uint8Array(epochs * targets.length);
  forEachLogits(dynamics, (epoch, row, start) => {
    let best = 0;
    for (let c = 1; c < outputs; c++) if (logits[start + c]! > logits[start + best]!) best = c;
    if (best === targets[row]) correct[epoch * targets.length + row] = 1;
  });
  return correct;
}

/**
 * Probabilities of the row whose logits start there, into `into` (K,).
 *
 * @throws RangeError where the row has no finite logit or a NaN
 */
export function probabilitiesAt(
  { logits, outputs }: Pick<LabelledDynamics, 'logits' | 'outputs'>,
  start: number,
  into: Float64Array,
): void {
  let highest = -Infinity;
  for (let c = 0; c < outputs; c++) highest = Math.max(highest, logits[start + c]!);
  if (!Number.isFinite(highest)) {
    throw new RangeError(
      `dynamics.logits: expected finite numbers at ${start}, got ${highest}: did training diverge?`,
    );
  }
  let sum = 0;
  for (let c = 0; c < outputs; c++) sum += into[c] = Math.exp(logits[start + c]! - highest);
  for (let c = 0; c < outputs; c++) into[c]! /= sum;
}
