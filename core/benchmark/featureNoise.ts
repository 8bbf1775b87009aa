import type { CsrMatrix } from '../../contracts/matrix.js';
import type { Random } from '../random.js';
import { chooseRows } from './labelNoise.js';

/**
 * Adds standard normal noise to every feature of round(rate · n) rows.
 *
 * @returns the matrix, and the rows that were changed, ascending
 * @source OpenDataVal, `add_gauss_noise` (μ = 0, σ = 1 on standardised features)
 */
export function addFeatureNoise(
  matrix: CsrMatrix,
  rate: number,
  random: Random,
): { readonly matrix: CsrMatrix; readonly noisy: Int32Array } {
  const { rows, cols } = matrix;
  const noisy = chooseRows(rows, rate, random).sort();
  const isNoisy = new Set(noisy);
  const indptr = new Int32Array(rows + 1);
  for (let row = 0; row < rows; row++) {
    const own = isNoisy.has(row) ? cols : matrix.indptr[row + 1]! - matrix.indptr[row]!;
    indptr[row + 1] = indptr[row]! + own;
  }
  const indices = new Int32Array(indptr[rows]!);
  const values = new Float32Array(indptr[rows]!);
  for (let row = 0; row < rows; row++) {
    const [from, to, at] = [matrix.indptr[row]!, matrix.indptr[row + 1]!, indptr[row]!];
    if (isNoisy.has(row)) {
      for (let col = 0; col < cols; col++) {
        indices[at + col] = col;
        values[at + col] = random.normal();
      }
      for (let p = from; p < to; p++) values[at + matrix.indices[p]!]! += matrix.values[p]!;
    } else {
      indices.set(matrix.indices.subarray(from, to), at);
      values.set(matrix.values.subarray(from, to), at);
    }
  }
  return { matrix: { rows, cols, indptr, indices, values }, noisy };
}
