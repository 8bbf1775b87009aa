/**
 * Calibration of click predictions: mean predicted probability over the share of positives (predicted over empirical
 * click-through rate); 1 is right, above it predictions are too high.
 *
 * @param positives (n,), non-zero = positive
 * @param probabilities (n,), of being positive
 * @param weights (n,); all 1 where left out
 * @returns at least 0; Infinity where there is no positive
 * @throws RangeError where lengths differ or there is no sample
 * @source He et al., Practical Lessons from Predicting Clicks on Ads at Facebook, ADKDD 2014
 */
export function calibrationRatio(
  positives: ArrayLike<number | boolean>,
  probabilities: ArrayLike<number>,
  weights?: ArrayLike<number>,
): number {
  const n = positives.length;
  if (n === 0 || probabilities.length !== n || (weights && weights.length !== n)) {
    throw new RangeError(
      `calibration ratio: expected as many probabilities and weights as positives, at least one, got ${probabilities.length}, ${weights?.length ?? 'none'} and ${n}`,
    );
  }
  let predicted = 0;
  let empirical = 0;
  for (let i = 0; i < n; i++) {
    const weight = weights?.[i] ?? 1;
    predicted += weight * probabilities[i]!;
    if (positives[i]) empirical += weight;
  }
  return empirical > 0 ? predicted / empirical : Infinity;
}
