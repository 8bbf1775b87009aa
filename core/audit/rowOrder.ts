import type { Random } from '../random.js';
import type { Neighbours } from './neighbours.js';

/** Whether alike rows stand near each other in the file. */
export interface RowOrder {
  /** Kolmogorov-Smirnov distance between the gaps of neighbours and of any two rows, in [0, 1]. */
  readonly statistic: number;
  /** Share of random orders in which neighbours stand as near or nearer. */
  readonly pValue: number;
}

const PERMUTATIONS = 199;
const MOST_ROWS = 2_000; // that are looked at

/**
 * Tests whether the order of the rows says something of their content: a file that is sorted, or collected source by
 * source, is not independent and identically distributed, and cutting it by position would be unfair.
 *
 * @param clusters rows of one near-duplicate cluster are not counted as neighbours
 * @returns undefined where no two rows are neighbours
 * @source the idea of cleanlab's non-IID check: Cummings, Snorrason & Mueller, "Detecting dataset drift and non-IID sampling", 2023
 */
export function testRowOrder(
  neighbours: Neighbours,
  clusters: Int32Array,
  random: Random,
): RowOrder | undefined {
  const pairs = neighbourPairs(neighbours, clusters, random);
  if (pairs.length === 0) return undefined;
  const n = clusters.length;
  const positions = Int32Array.from({ length: n }, (_, row) => row);
  const statistic = nearness(pairs, positions, n);
  let asNear = 0;
  for (let p = 0; p < PERMUTATIONS; p++) {
    if (nearness(pairs, random.shuffle(positions), n) >= statistic - 1e-12) asNear++;
  }
  return { statistic, pValue: (asNear + 1) / (PERMUTATIONS + 1) };
}

function neighbourPairs({ k, rows }: Neighbours, clusters: Int32Array, random: Random): [number, number][] {
  const looked = random
    .shuffle(Int32Array.from({ length: clusters.length }, (_, row) => row))
    .subarray(0, MOST_ROWS);
  const pairs: [number, number][] = [];
  for (const row of looked) {
    for (const other of rows.subarray(row * k, (row + 1) * k)) {
      if (other >= 0 && clusters[other] !== clusters[row]) pairs.push([row, other]);
    }
  }
  return pairs;
}

/** How far the distribution of the pairs' gaps lies above that of all pairs of n positions, at most. */
function nearness(pairs: readonly (readonly [number, number])[], positions: Int32Array, n: number): number {
  const gaps = Int32Array.from(pairs, ([a, b]) => Math.abs(positions[a]! - positions[b]!)).sort();
  let most = 0;
  for (let i = 0; i < gaps.length; i++) {
    const gap = gaps[i]!;
    if (gap === gaps[i + 1]) continue;
    const expected = 1 - ((n - gap) * (n - gap - 1)) / (n * (n - 1)); // of any two rows: P(|a − b| ≤ gap)
    most = Math.max(most, (i + 1) / gaps.length - expected);
  }
  return most;
}
