import type { CsrMatrix } from '../../contracts/matrix.js';
import type { TrialSide } from './trial.js';

/** Mean features of each class. */
export interface Centroids {
  readonly values: Float64Array; // (K, d)
  readonly norms: Float64Array; // (K,), squared; ∞ for a class without rows
  readonly outputs: number; // K
}

/** Centroids of the classes that the targets say. */
export function centroidsOf({ matrix, targets }: TrialSide, outputs: number): Centroids {
  const { cols, indptr, indices, values: entries } = matrix;
  const values = new Float64Array(outputs * cols);
  const counts = new Float64Array(outputs);
  targets.forEach((k, row) => {
    counts[k]!++;
    for (let p = indptr[row]!; p < indptr[row + 1]!; p++) values[k * cols + indices[p]!]! += entries[p]!;
  });
  const norms = counts.map((count, k) => {
    if (count === 0) return Infinity;
    let norm = 0;
    for (let at = k * cols; at < (k + 1) * cols; at++) {
      values[at]! /= count;
      norm += values[at]! ** 2;
    }
    return norm;
  });
  return { values, norms, outputs };
}

/** 2x·μ − ‖μ‖² of every row and class, (n, K): within a row, larger is nearer; −∞ for a class without rows. */
export function similaritiesTo({ values, norms, outputs }: Centroids, matrix: CsrMatrix): Float64Array {
  const { rows, cols, indptr, indices, values: entries } = matrix;
  const found = new Float64Array(rows * outputs);
  for (let row = 0; row < rows; row++) {
    for (let k = 0; k < outputs; k++) {
      let product = 0;
      for (let p = indptr[row]!; p < indptr[row + 1]!; p++)
        product += entries[p]! * values[k * cols + indices[p]!]!;
      found[row * outputs + k] = 2 * product - norms[k]!;
    }
  }
  return found;
}
