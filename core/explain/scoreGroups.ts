import type { ScoreGroup } from '../../contracts/detail.js';

const SHARES = [0.05, 0.25, 0.5, 0.75, 0.95] as const;

/** Discrete quantiles: values that occur, the ⌈qn⌉-th smallest. */
function quantiles(values: Float64Array): ScoreGroup['quantiles'] {
  const ascending = values.toSorted();
  const [a, b, c, d, e] = SHARES.map(
    (share) => ascending[Math.max(0, Math.ceil(share * ascending.length) - 1)]!,
  );
  return [a!, b!, c!, d!, e!];
}

/**
 * How scores and weights spread in groups of samples, the lowest median first. Empty groups are left out.
 *
 * @param groups places in `scores` and `weights`, by name
 */
export function scoreGroups(
  groups: Iterable<readonly [name: string, places: ArrayLike<number>]>,
  scores: Float64Array,
  weights: Float64Array,
): ScoreGroup[] {
  const found: ScoreGroup[] = [];
  for (const [name, places] of groups) {
    const samples = places.length;
    if (samples === 0) continue;
    const of = Float64Array.from(places, (place) => scores[place]!);
    const mass = Array.from(places).reduce((sum, place) => sum + weights[place]!, 0);
    found.push({ name, samples, quantiles: quantiles(of), meanWeight: mass / samples });
  }
  return found.sort((a, b) => a.quantiles[2] - b.quantiles[2]);
}
