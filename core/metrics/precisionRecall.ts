import { thresholds } from './detection.js';

/** Recalls at which curves are kept: 0, 0.025, … 1. */
export const RECALLS = 41;

/**
 * Precision by recall, interpolated: at each of `RECALLS` evenly spaced recalls the highest precision of any threshold that
 * reaches it. Never rises with recall.
 *
 * @param scores (n,), higher = more likely positive
 * @param positives (n,), non-zero = positive
 * @returns (RECALLS,); all 0 where there are no positives
 * @source Manning, Raghavan & Schütze, Introduction to Information Retrieval, section 8.4
 */
export function precisionByRecall(
  scores: ArrayLike<number>,
  positives: ArrayLike<number | boolean>,
): Float64Array {
  const precisions = new Float64Array(RECALLS);
  const steps = thresholds(scores, positives);
  const all = steps.at(-1)?.positive ?? 0;
  if (all === 0) return precisions;
  for (const { positive, negative } of steps) {
    // The recalls up to this one; 1e-9 for shares such as 0.3 that a double can't hold.
    const reached = Math.floor((positive / all) * (RECALLS - 1) + 1e-9);
    precisions[reached] = Math.max(precisions[reached]!, positive / (positive + negative));
  }
  for (let i = RECALLS - 2; i >= 0; i--) precisions[i] = Math.max(precisions[i]!, precisions[i + 1]!);
  return precisions;
}
