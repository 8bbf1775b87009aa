/** What a bag of learners says of the rows that each of them was not trained on. */
export interface OutOfBag {
  readonly sums: Float64Array; // (n,), of the utility over learners that never saw the row
  readonly counts: Int32Array; // (n,), such learners
}

export const emptyOutOfBag = (rows: number): OutOfBag => ({
  sums: new Float64Array(rows),
  counts: new Int32Array(rows),
});

/**
 * Adds one learner.
 *
 * @param inBag (n,), how often its bootstrap drew the row
 * @param utility T(y, f(x)) of a row that it wasn't trained on
 */
export function addLearner(
  { sums, counts }: OutOfBag,
  inBag: ArrayLike<number>,
  utility: (row: number) => number,
): void {
  for (let row = 0; row < sums.length; row++) {
    if (inBag[row] !== 0) continue;
    sums[row]! += utility(row);
    counts[row]!++;
  }
}

/**
 * Σ 1[w = 0]·T(y, f(x)) / Σ 1[w = 0], (n,); NaN where every learner saw the row.
 *
 * @source Kwon & Zou, Data-OOB, ICML 2023, eq. 3
 */
export const outOfBagValues = ({ sums, counts }: OutOfBag): Float64Array =>
  sums.map((sum, row) => sum / counts[row]!);
