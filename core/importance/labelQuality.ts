import { confidentThresholds, type Probabilities } from './confidentJoint.js';

/** Smallest probability and entropy that is divided by (cleanlab's CLIPPING_LOWER_BOUND). */
const SMALLEST = 1e-6;

/** Probability of the given label, (n,), in [0, 1]. @source cleanlab 2.9 `get_self_confidence_for_each_label` */
export function selfConfidences(
  probabilities: Probabilities,
  targets: Int32Array,
  outputs: number,
): Float64Array {
  return Float64Array.from(targets, (target, row) => probabilities[row * outputs + target]!);
}

/**
 * (p(ỹ) − max p(c≠ỹ) + 1) / 2, (n,), in [0, 1]: below ½ another class is more probable. 1 where there is one class.
 *
 * @source cleanlab 2.9 `get_normalized_margin_for_each_label`
 */
export function normalizedMargins(
  probabilities: Probabilities,
  targets: Int32Array,
  outputs: number,
): Float64Array {
  return Float64Array.from(targets, (target, row) => {
    const start = row * outputs;
    let rival = outputs > 1 ? -Infinity : 0;
    for (let c = 0; c < outputs; c++) {
      const p = probabilities[start + c]!;
      if (c !== target && p > rival) rival = p;
    }
    return (probabilities[start + target]! - rival + 1) / 2;
  });
}

/**
 * ln(s + 1)/s for s = (H(p)/ln K) / p(ỹ), (n,), in [0, 1]: near 1 where the prediction is sure of the given label, near
 * 0 where it is unsure and gives the label little.
 *
 * @source Kuan & Mueller, Model-agnostic label quality scoring to detect real-world label errors, ICML DataPerf 2022;
 * cleanlab 2.9 `get_confidence_weighted_entropy_for_each_label`
 */
export function confidenceWeightedEntropies(
  probabilities: Probabilities,
  targets: Int32Array,
  outputs: number,
): Float64Array {
  const most = outputs > 1 ? Math.log(outputs) : 1;
  return Float64Array.from(targets, (target, row) => {
    const start = row * outputs;
    let entropy = 0;
    for (let c = 0; c < outputs; c++) {
      const p = probabilities[start + c]!;
      if (p > 0) entropy -= p * Math.log(p);
    }
    const score = entropy / most / Math.max(probabilities[start + target]!, SMALLEST);
    return Math.log(score + 1) / Math.max(score, SMALLEST);
  });
}

/**
 * Probabilities less the mean that each class's own samples get, raised by the largest such mean and brought to sum 1,
 * (n, K): puts rare and frequent classes on one scale.
 *
 * @source Northcutt et al. 2021; cleanlab 2.9 `adjust_pred_probs`
 */
export function adjustForThresholds(
  probabilities: Probabilities,
  targets: Int32Array,
  outputs: number,
): Float64Array {
  const thresholds = confidentThresholds(probabilities, targets, outputs);
  const raise = thresholds.reduce((most, threshold) => Math.max(most, threshold), 0);
  const adjusted = new Float64Array(probabilities.length);
  for (let start = 0; start < adjusted.length; start += outputs) {
    let sum = 0;
    for (let c = 0; c < outputs; c++) {
      adjusted[start + c] = probabilities[start + c]! - thresholds[c]! + raise;
      sum += adjusted[start + c]!;
    }
    for (let c = 0; c < outputs; c++) adjusted[start + c]! /= sum;
  }
  return adjusted;
}
