/** One model's say in an ensemble. */
export interface EnsembleMember {
  readonly weight: number; // at least 0; only ratios matter
  readonly probabilities: ArrayLike<number>; // (n × K,), row-major
}

/**
 * Weighted average of several models' probabilities, Σ wᵢpᵢ / Σ wᵢ: a mixture, so that rows of every member that add up to
 * 1 add up to 1.
 *
 * @returns (n × K,), row-major
 * @throws RangeError where there is no member, shapes differ, or a weight is negative or all are 0
 */
export function averageProbabilities(members: readonly EnsembleMember[]): Float64Array {
  const [first] = members;
  if (!first) throw new RangeError('ensemble: expected at least one model, got none');
  let total = 0;
  for (const [i, { weight, probabilities }] of members.entries()) {
    if (!(weight >= 0 && weight < Infinity)) {
      throw new RangeError(
        `ensemble: expected weights of models to be finite and at least 0, got ${weight} of model ${i}`,
      );
    }
    if (probabilities.length !== first.probabilities.length) {
      throw new RangeError(
        `ensemble: expected all models to predict the same rows and classes, got ${probabilities.length} numbers of model ${i} and ${first.probabilities.length} of model 0`,
      );
    }
    total += weight;
  }
  if (total === 0) throw new RangeError('ensemble: expected a model with weight, all weigh 0');
  const mean = new Float64Array(first.probabilities.length);
  for (const { weight, probabilities } of members) {
    const share = weight / total;
    if (share > 0) for (let at = 0; at < mean.length; at++) mean[at]! += share * probabilities[at]!;
  }
  return mean;
}
