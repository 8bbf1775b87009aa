import type { MetricInput } from './metric.js';

type Detection = (scores: Float64Array, positives: Uint8Array, weights: Float64Array) => number;

/**
 * A detection figure over classes: of class 1 where there are two, else the plain mean over the classes that are both
 * present and not alone (one against the rest). `alone` where no class is.
 */
export function oneVsRest(
  { targets, probabilities, outputs }: MetricInput,
  weights: Float64Array,
  detection: Detection,
  alone: number,
): number {
  const present = new Float64Array(outputs); // weight of each class
  targets.forEach((target, i) => (present[target]! += weights[i]!));
  const classes = outputs === 2 ? [1] : [...present.keys()];
  let total = 0;
  for (const weight of present) total += weight;
  const judged = classes.filter((k) => present[k]! > 0 && present[k]! < total);
  if (judged.length === 0) return alone;
  const sum = judged.reduce((soFar, k) => {
    const scores = Float64Array.from(targets, (_, i) => probabilities[i * outputs + k]!);
    const positives = Uint8Array.from(targets, (target) => (target === k ? 1 : 0));
    return soFar + detection(scores, positives, weights);
  }, 0);
  return sum / judged.length;
}
