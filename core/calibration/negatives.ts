import { hash32 } from '../random.js';

/**
 * Rows that stay when only a share of the negatives is trained on: all positives, and the negatives whose seeded hash of
 * the id is below the share, so that a row stays or goes whatever else is in the table.
 *
 * @param targets (n,), 1 = positive
 * @param share of the negatives, in (0, 1]
 * @returns positions, ascending
 */
export function keptNegatives(
  targets: ArrayLike<number>,
  ids: readonly string[],
  share: number,
  seed: number,
): Int32Array {
  checkShare(share);
  return Int32Array.from(ids.keys()).filter(
    (row) => targets[row] === 1 || hash32(`negative:${ids[row]!}`, seed) < share * 2 ** 32,
  );
}

/**
 * What is added to the log-odds of a model that was trained on a share w of the negatives: ln w. Exact, since dropping
 * negatives multiplies the odds by 1/w and changes nothing else.
 */
export function negativesShift(share: number): number {
  checkShare(share);
  return Math.log(share);
}

/**
 * The probability p of a model that was trained on a share w of the negatives, brought back: p / (p + (1 − p)/w).
 *
 * @source He et al., Practical Lessons from Predicting Clicks on Ads at Facebook, ADKDD 2014, section 6.3
 */
export function recalibrated(probability: number, share: number): number {
  checkShare(share);
  // Written so that nothing divides by a small w: p·w / (p·w + 1 − p).
  const odds = probability * share;
  return odds / (odds + (1 - probability));
}

function checkShare(share: number): void {
  if (share > 0 && share <= 1) return;
  throw new RangeError(`negatives: expected a share above 0 and at most 1, got ${share}`);
}
