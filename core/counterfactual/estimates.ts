import { effectiveSampleSize } from '../weighting/effectiveSampleSize.js';
import { inversePropensities } from './propensity.js';

/** Outcomes that one policy logged, and how likely another one would have made the same choices. */
export interface LoggedOutcomes {
  readonly outcomes: ArrayLike<number>; // (n,), what is to be had of a choice: clicked, revenue
  readonly propensities: ArrayLike<number>; // (n,), of the logged choice under the policy that logged, in (0, 1]
  readonly target: ArrayLike<number>; // (n,), of the same choice under the policy that is asked about, in [0, 1]
  /** Rows that were drawn together (a session, a user), (n,): their errors are summed before they are squared. */
  readonly groups?: ArrayLike<number>;
}

/** What the other policy would have earned a row, from rows that it did not choose. */
export interface CounterfactualEstimate {
  readonly value: number;
  /** Normal 95% interval; with few outcomes it is too narrow: look at `effectiveSampleSize` first. */
  readonly low: number;
  readonly high: number;
  readonly standardError: number;
  /** (Σw)²/Σw², in rows. */
  readonly effectiveSampleSize: number;
  readonly largestWeight: number;
  /** Rows whose weight was lowered. */
  readonly clipped: number;
}

const Z95 = 1.959963984540054;

/**
 * Inverse propensity score estimate (1/n) Σ wᵢrᵢ, w = target / propensity: unbiased, and at the mercy of large weights.
 *
 * @throws RangeError where lengths differ or there is no row
 * @source Horvitz & Thompson, JASA 1952; Bottou et al., JMLR 2013, section 4
 */
export const ips = (logged: LoggedOutcomes): CounterfactualEstimate =>
  meanOf(logged, importanceRatios(logged));

/**
 * The same with weights of at most `limit`: less variance for a bias towards 0.
 *
 * @source Ionides, Truncated Importance Sampling, JCGS 2008
 */
export function clippedIps(logged: LoggedOutcomes, limit: number): CounterfactualEstimate {
  if (!(limit > 0)) throw new RangeError(`clipped IPS: expected a limit above 0, got ${limit}`);
  const ratios = importanceRatios(logged);
  const clipped = ratios.filter((ratio) => ratio > limit).length;
  return {
    ...meanOf(
      logged,
      ratios.map((ratio) => Math.min(ratio, limit)),
    ),
    clipped,
  };
}

/**
 * Self-normalised estimate Σ wᵢrᵢ / Σ wᵢ: a little biased, bounded by the outcomes, indifferent to a constant factor in
 * the propensities. Its standard error is by the delta method.
 *
 * @source Swaminathan & Joachims, The Self-Normalized Estimator for Counterfactual Learning, NIPS 2015
 */
export function snips(logged: LoggedOutcomes): CounterfactualEstimate {
  const ratios = importanceRatios(logged);
  const mass = ratios.reduce((sum, ratio) => sum + ratio, 0);
  if (!(mass > 0)) throw new RangeError('SNIPS: the policy that is asked about chooses none of the rows');
  const { outcomes } = logged;
  const value = ratios.reduce((sum, ratio, i) => sum + ratio * outcomes[i]!, 0) / mass;
  const { squares } = groupSquares(
    logged,
    ratios.map((ratio, i) => ratio * (outcomes[i]! - value)),
  );
  return withInterval(value, Math.sqrt(squares) / mass, ratios);
}

function importanceRatios({ outcomes, propensities, target }: LoggedOutcomes): Float64Array {
  const n = outcomes.length;
  if (n === 0 || propensities.length !== n || target.length !== n) {
    throw new RangeError(
      `counterfactual estimate: expected as many propensities and target probabilities as outcomes, at least one, got ${propensities.length}, ${target.length} and ${n}`,
    );
  }
  return inversePropensities(propensities).map((inverse, i) => {
    if (target[i]! >= 0 && target[i]! <= 1) return inverse * target[i]!;
    throw new RangeError(
      `counterfactual estimate: expected target[${i}] to be a probability, got ${target[i]}`,
    );
  });
}

function meanOf(logged: LoggedOutcomes, ratios: Float64Array): CounterfactualEstimate {
  const n = ratios.length;
  const earned = ratios.map((ratio, i) => ratio * logged.outcomes[i]!);
  const value = earned.reduce((sum, one) => sum + one, 0) / n;
  const { squares, count } = groupSquares(
    logged,
    earned.map((one) => one - value),
  );
  const correction = count / Math.max(1, count - 1);
  return withInterval(value, Math.sqrt(squares * correction) / n, ratios);
}

/** Σ (Σ errors of a group)², and of how many groups. */
function groupSquares(
  { groups }: LoggedOutcomes,
  errors: Float64Array,
): { readonly squares: number; readonly count: number } {
  if (groups && groups.length !== errors.length) {
    throw new RangeError(
      `counterfactual estimate: expected ${errors.length} groups, one a row, got ${groups.length}`,
    );
  }
  const sums = new Map<number, number>();
  errors.forEach((error, i) => {
    const group = groups?.[i] ?? i;
    sums.set(group, (sums.get(group) ?? 0) + error);
  });
  return { squares: [...sums.values()].reduce((total, sum) => total + sum ** 2, 0), count: sums.size };
}

const withInterval = (
  value: number,
  standardError: number,
  ratios: Float64Array,
): CounterfactualEstimate => ({
  value,
  low: value - Z95 * standardError,
  high: value + Z95 * standardError,
  standardError,
  effectiveSampleSize: effectiveSampleSize(ratios) * ratios.length,
  largestWeight: ratios.reduce((most, ratio) => Math.max(most, ratio), 0),
  clipped: 0,
});
