import type { DenseMatrix } from '../../contracts/matrix.js';
import { rowOf, squaredDistance } from '../matrix/dense.js';
import { chooseCenters, nearestToMean } from './kCenter.js';

/** Lloyd's clustering: begins at centres that are far from each other, so that it needs no chance. */
export interface Clustering {
  readonly labels: Int32Array; // (n,)
  readonly centres: DenseMatrix; // (k, d)
}

/** @source Lloyd, Least squares quantization in PCM, 1982; begun as Gonzalez 1985 */
export function kMeans(points: DenseMatrix, clusters: number, iterations: number): Clustering {
  const { centres: first } = chooseCenters(points, clusters, nearestToMean(points));
  const { cols } = points;
  const values = new Float64Array(first.length * cols);
  first.forEach((row, k) => values.set(rowOf(points, row), k * cols));
  const centres = { rows: first.length, cols, values };
  const labels = new Int32Array(points.rows).fill(-1);
  for (let iteration = 0; iteration < iterations; iteration++) {
    if (!assign(points, centres, labels)) break;
    recentre(points, labels, centres);
  }
  return { labels, centres };
}

/** Gives each point its nearest centre, the first of equals; whether any changed. */
function assign(points: DenseMatrix, centres: DenseMatrix, labels: Int32Array): boolean {
  let changed = false;
  for (let i = 0; i < points.rows; i++) {
    let best = 0;
    let lowest = Infinity;
    for (let k = 0; k < centres.rows; k++) {
      const distance = squaredDistance(rowOf(points, i), rowOf(centres, k));
      if (distance < lowest) {
        lowest = distance;
        best = k;
      }
    }
    if (labels[i] !== best) changed = true;
    labels[i] = best;
  }
  return changed;
}

/** A centre without points stays. */
function recentre(points: DenseMatrix, labels: Int32Array, centres: DenseMatrix): void {
  const counts = new Float64Array(centres.rows);
  for (const label of labels) counts[label]!++;
  for (let k = 0; k < centres.rows; k++) if (counts[k]! > 0) rowOf(centres, k).fill(0);
  labels.forEach((label, i) => {
    const centre = rowOf(centres, label);
    rowOf(points, i).forEach((x, j) => (centre[j]! += x / counts[label]!));
  });
}
