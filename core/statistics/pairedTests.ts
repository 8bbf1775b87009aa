/**
 * Exact two-sided McNemar test: of the samples on which two models differ in correctness, is either right more often
 * than a fair coin would be?
 *
 * @param onlyFirst samples that only the first model has right
 * @param onlySecond samples that only the second model has right
 * @returns p value
 * @source McNemar 1947; exact binomial form
 */
export function mcnemar(onlyFirst: number, onlySecond: number): number {
  const n = onlyFirst + onlySecond;
  const smaller = Math.min(onlyFirst, onlySecond);
  let logTerm = -n * Math.LN2; // log of C(n, k) / 2ⁿ, from k = 0
  let tail = 0;
  for (let k = 0; k <= smaller; k++) {
    tail += Math.exp(logTerm);
    logTerm += Math.log((n - k) / (k + 1));
  }
  return Math.min(1, 2 * tail);
}

/**
 * p values adjusted for having made all these tests, by Holm's step-down rule; in the order given.
 *
 * @source Holm, "A simple sequentially rejective multiple test procedure", 1979
 */
export function holm(pValues: readonly number[]): number[] {
  const order = [...pValues.keys()].sort((a, b) => pValues[a]! - pValues[b]! || a - b);
  const adjusted = new Array<number>(pValues.length);
  let highest = 0;
  order.forEach((test, rank) => {
    highest = Math.max(highest, Math.min(1, (pValues.length - rank) * pValues[test]!));
    adjusted[test] = highest;
  });
  return adjusted;
}
