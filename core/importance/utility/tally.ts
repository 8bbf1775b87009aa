import { StoreError } from '../../../contracts/errors.js';
import type { Tensor } from '../../../contracts/matrix.js';

/**
 * What games have told so far of each point: sums, squares and counts of its terms. A value is the mean of its terms;
 * with two planes, the mean of the first less that of the second. Tallies of disjoint games add up.
 */
export interface Tally {
  readonly points: number; // n
  readonly planes: 1 | 2;
  readonly sums: Float64Array; // (planes, n)
  readonly squares: Float64Array; // (planes, n)
  readonly counts: Float64Array; // (planes, n)
}

export const emptyTally = (points: number, planes: 1 | 2): Tally => ({
  points,
  planes,
  sums: new Float64Array(planes * points),
  squares: new Float64Array(planes * points),
  counts: new Float64Array(planes * points),
});

/** Adds a term to a point in place. */
export function addTerm(tally: Tally, plane: number, point: number, term: number): void {
  const at = plane * tally.points + point;
  tally.sums[at]! += term;
  tally.squares[at]! += term * term;
  tally.counts[at]!++;
}

/**
 * Both together. Floating-point sums depend on their order: shards that are merged in the order of their units give the
 * bits of one that played them all.
 *
 * @throws RangeError where they are of different games
 */
export function mergeTallies(a: Tally, b: Tally): Tally {
  if (a.points !== b.points || a.planes !== b.planes) {
    throw new RangeError(
      `expected tallies of ${a.planes} × ${a.points}, got one of ${b.planes} × ${b.points}`,
    );
  }
  const added = (x: Float64Array, y: Float64Array): Float64Array => x.map((value, at) => value + y[at]!);
  return {
    ...a,
    sums: added(a.sums, b.sums),
    squares: added(a.squares, b.squares),
    counts: added(a.counts, b.counts),
  };
}

const meanAt = ({ sums, counts }: Tally, at: number): number =>
  counts[at]! > 0 ? sums[at]! / counts[at]! : 0;

/** The values as far as they are known, (n,); a point without a term has 0. */
export const tallyValues = (tally: Tally): Float64Array =>
  Float64Array.from({ length: tally.points }, (_, i) =>
    tally.planes === 1 ? meanAt(tally, i) : meanAt(tally, i) - meanAt(tally, tally.points + i),
  );

/** Standard errors of the values, (n,); Infinity where a point has fewer than two terms in a plane. */
export const tallyErrors = (tally: Tally): Float64Array =>
  Float64Array.from({ length: tally.points }, (_, i) => {
    let variance = 0;
    for (let at = i; at < tally.sums.length; at += tally.points) variance += varianceOfMean(tally, at);
    return Math.sqrt(variance);
  });

function varianceOfMean(tally: Tally, at: number): number {
  const count = tally.counts[at]!;
  if (count < 2) return Infinity;
  const spread = tally.squares[at]! - count * meanAt(tally, at) ** 2;
  return Math.max(spread, 0) / (count - 1) / count;
}

const PARTS = ['sums', 'squares', 'counts'] as const;

/** The tally as named arrays; {@link tallyFrom} reads them back. */
export const tallyTensors = (tally: Tally): Tensor[] =>
  PARTS.map((name) => ({ name, shape: [tally.planes, tally.points], data: tally[name] }));

/** @throws StoreError if the tensors are not those of a tally */
export function tallyFrom(tensors: readonly Tensor[]): Tally {
  const [sums, squares, counts] = PARTS.map((name) => {
    const tensor = tensors.find((each) => each.name === name);
    if (tensor) return tensor;
    throw new StoreError(
      `tally: expected a tensor ${name}, got ${tensors.map((each) => each.name).join(', ') || 'none'}`,
    );
  });
  const [planes, points] = sums!.shape;
  if ((planes !== 1 && planes !== 2) || points === undefined || sums!.data.length !== planes * points) {
    throw new StoreError(`tally: expected sums of one or two planes, got (${sums!.shape.join(', ')})`);
  }
  const [read, readSquares, readCounts] = [sums, squares, counts].map((tensor) =>
    Float64Array.from(tensor!.data),
  );
  return { points, planes, sums: read!, squares: readSquares!, counts: readCounts! };
}
