/**
 * Kish's effective sample size (Σw)²/Σw² as a share of n, in (0, 1]; 0 where all weights are 0.
 *
 * @source Kish, Survey Sampling, 1965, section 11.2
 */
export function effectiveSampleSize(weights: Float64Array): number {
  let highest = 0;
  for (const weight of weights) highest = Math.max(highest, weight);
  if (highest === 0) return 0;
  let sum = 0;
  let squares = 0;
  for (const weight of weights) {
    const share = weight / highest; // so that no square overflows
    sum += share;
    squares += share * share;
  }
  return (sum * sum) / squares / weights.length;
}
