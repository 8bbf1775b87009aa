/**
 * The number b that makes a model right on average: with log-odds zᵢ + b the weighted mean of the probabilities is `rate`.
 * One number can't overfit, changes no order, and mends what weights or resampling did to the base rate.
 *
 * @param logOdds (n,), of the positive class
 * @param rate wanted mean probability, in (0, 1): of rows that training never saw, by weights that are not those of training
 * @param weights (n,), non-negative; all 1 where left out
 * @throws RangeError where the rate is not inside (0, 1), or no row has weight
 */
export function calibrationShift(logOdds: Float64Array, rate: number, weights?: ArrayLike<number>): number {
  if (!(rate > 0 && rate < 1)) {
    throw new RangeError(`calibration shift: expected a rate above 0 and below 1, got ${rate}`);
  }
  const total = logOdds.reduce((sum, _, i) => sum + (weights?.[i] ?? 1), 0);
  if (!(total > 0)) throw new RangeError('calibration shift: expected a row with weight, got none');
  const excess = (shift: number): number =>
    logOdds.reduce((sum, z, i) => sum + (weights?.[i] ?? 1) / (1 + Math.exp(-z - shift)), 0) - rate * total;
  let low = -1;
  let high = 1;
  while (excess(low) > 0) low *= 2;
  while (excess(high) < 0) high *= 2;
  for (let step = 0; step < 100 && high - low > 1e-12; step++) {
    const middle = (low + high) / 2;
    if (excess(middle) > 0) high = middle;
    else low = middle;
  }
  return (low + high) / 2;
}
