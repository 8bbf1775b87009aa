/** Half a count is added to every bin, so that an empty one makes no difference infinite (Jeffreys). */
const PRIOR_COUNT = 0.5;

/**
 * Population stability index of two histograms over the same bins: Σ (q − p)·ln(q / p). 0 where they are alike.
 *
 * @source Siddiqi 2006, Credit Risk Scorecards: below 0.1 hardly changed, above 0.25 changed much
 */
export function populationStability(reference: Float64Array, current: Float64Array): number {
  const [p, q] = [shares(reference, PRIOR_COUNT), shares(current, PRIOR_COUNT)];
  return p.reduce((sum, share, b) => sum + (q[b]! - share) * Math.log(q[b]! / share), 0);
}

/**
 * Jensen–Shannon divergence of two histograms over the same bins, in bits: 0 = alike, 1 = nothing in common.
 *
 * @source Lin 1991; the square of scipy.spatial.distance.jensenshannon(p, q, base=2)
 */
export function jensenShannon(reference: Float64Array, current: Float64Array): number {
  const [p, q] = [shares(reference, 0), shares(current, 0)];
  const part = (a: number, m: number): number => (a > 0 ? a * Math.log2(a / m) : 0);
  return p.reduce((sum, share, b) => {
    const middle = (share + q[b]!) / 2;
    return sum + (part(share, middle) + part(q[b]!, middle)) / 2;
  }, 0);
}

/**
 * The stability index that chance alone makes of two samples of one population: (B − 1)(1/n + 1/m) on average, over the
 * bins that are not empty in both.
 *
 * @source Yurdakul & Naranjo 2020, Statistical properties of the population stability index
 */
export function stabilityByChance(reference: Float64Array, current: Float64Array): number {
  const bins = reference.filter((count, b) => count + current[b]! > 0).length;
  const [n, m] = [total(reference), total(current)];
  return n > 0 && m > 0 ? (Math.max(1, bins) - 1) * (1 / n + 1 / m) : 0;
}

export type DriftLevel = 'none' | 'moderate' | 'large';

/** What a stability index says, once what chance makes is taken off. */
export function driftLevel(psi: number, chance: number): DriftLevel {
  const beyond = psi - chance;
  return beyond >= 0.25 ? 'large' : beyond >= 0.1 ? 'moderate' : 'none';
}

const total = (counts: Float64Array): number => counts.reduce((sum, count) => sum + count, 0);

function shares(counts: Float64Array, prior: number): Float64Array {
  const sum = total(counts) + prior * counts.length;
  return counts.map((count) => (sum > 0 ? (count + prior) / sum : 0));
}
