import type { DenseMatrix } from '../../../contracts/matrix.js';
import { argsort, sortScratch } from '../../argsort.js';
import { POINTS_AT_ONCE, squaredDistances } from './distances.js';

/** Rows with their classes. */
export interface Labelled {
  readonly matrix: DenseMatrix;
  readonly targets: Int32Array;
}

/**
 * Shapley value of every training row for the accuracy of a k-nearest-neighbour classifier, averaged over test rows: of
 * the game ν(S) = 1/k Σ over the min(k, |S|) nearest of 1[same class]. Exact. Rows at one distance are taken in row order.
 *
 * @returns values (n,); their sum is the mean utility of all rows together
 * @source Jia et al., Efficient Task-Specific Data Valuation for Nearest Neighbor Algorithms, PVLDB 12(11) 2019, theorem 1
 */
export function knnShapley(training: Labelled, test: Labelled, k: number): Float64Array {
  const n = training.targets.length;
  const values = new Float64Array(n);
  if (n === 0 || test.targets.length === 0) return values;
  const scratch = sortScratch(n);
  const order = new Int32Array(n);
  const share = Float64Array.from({ length: n }, (_, i) => Math.min(k, i) / (k * Math.max(i, 1)));
  const last = Math.min(k, n) / (k * n); // of the farthest: 1/n where k ≤ n
  const distancesOf = squaredDistances(training.matrix, test.matrix);
  for (let first = 0; first < test.targets.length; first += POINTS_AT_ONCE) {
    const count = Math.min(POINTS_AT_ONCE, test.targets.length - first);
    distancesOf(first, count).forEach((distances, t) => {
      argsort(distances, scratch, order);
      addPoint(values, training.targets, order, test.targets[first + t]!, share, last);
    });
  }
  const scale = 1 / test.targets.length;
  return values.map((value) => value * scale);
}

/** Adds one test row's values, from the farthest training row to the nearest. */
function addPoint(
  values: Float64Array,
  targets: Int32Array,
  order: Int32Array,
  target: number,
  share: Float64Array,
  last: number,
): void {
  const n = order.length;
  let same = targets[order[n - 1]!] === target ? 1 : 0;
  let value = same * last;
  values[order[n - 1]!]! += value;
  for (let i = n - 1; i > 0; i--) {
    const row = order[i - 1]!;
    const own = targets[row] === target ? 1 : 0;
    value += (own - same) * share[i]!;
    values[row]! += value;
    same = own;
  }
}
