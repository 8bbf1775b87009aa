import { classCounts } from '../probability.js';
import type { Evidence } from './estimator.js';

/**
 * The null model g∅ of each fold: class shares among the rows outside it, smoothed,
 * (count + smoothing) / (rows + K·smoothing). Uniform where nothing is outside and nothing smooths.
 *
 * @returns fold → shares (K,)
 */
export function priorsByFold(
  { targets, outputs, folds }: Pick<Evidence, 'targets' | 'outputs'> & { readonly folds: Int32Array },
  smoothing: number,
): Map<number, Float64Array> {
  const total = classCounts(targets, outputs); // (K,)
  const inside = new Map<number, Float64Array>(); // fold → counts (K,)
  targets.forEach((target, row) => {
    const fold = folds[row]!;
    const counts = inside.get(fold) ?? new Float64Array(outputs);
    counts[target]!++;
    inside.set(fold, counts);
  });
  const priors = new Map<number, Float64Array>();
  for (const [fold, counts] of inside) {
    const outside = total.map((count, c) => count - counts[c]!);
    priors.set(fold, smoothedShares(outside, smoothing));
  }
  return priors;
}

/**
 * What the null model of its own fold gives to each sample's class, shape (n,). Without folds each row is a fold of
 * its own: the prior is that of all other rows.
 */
export function priorOfTargets(evidence: Evidence, smoothing: number): Float64Array {
  const { targets, outputs, folds } = evidence;
  if (folds) {
    const priors = priorsByFold({ targets, outputs, folds }, smoothing);
    return Float64Array.from(targets, (target, row) => priors.get(folds[row]!)![target]!);
  }
  const counts = classCounts(targets, outputs); // (K,)
  const rows = targets.length - 1 + outputs * smoothing;
  return Float64Array.from(targets, (target) =>
    rows > 0 ? (counts[target]! - 1 + smoothing) / rows : 1 / outputs,
  );
}

/** (count + smoothing) / (Σ count + K·smoothing), shape (K,); uniform where that is 0/0. */
export function smoothedShares(counts: Float64Array, smoothing: number): Float64Array {
  const rows = counts.reduce((sum, count) => sum + count, counts.length * smoothing);
  return counts.map((count) => (rows > 0 ? (count + smoothing) / rows : 1 / counts.length));
}
