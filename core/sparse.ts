import type { CsrMatrix } from '../contracts/matrix.js';

/**
 * The given rows, in the given order; a row may be asked for more than once.
 *
 * @throws RangeError if a row is outside the matrix
 */
export function selectRows(matrix: CsrMatrix, rows: Int32Array): CsrMatrix {
  const indptr = new Int32Array(rows.length + 1);
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]!;
    if (row < 0 || row >= matrix.rows) throw new RangeError(`row ${row} of a matrix of ${matrix.rows} rows`);
    indptr[i + 1] = indptr[i]! + matrix.indptr[row + 1]! - matrix.indptr[row]!;
  }
  const nonZeros = indptr[rows.length]!;
  const indices = new Int32Array(nonZeros);
  const values = new Float32Array(nonZeros);
  for (let i = 0; i < rows.length; i++) {
    const from = matrix.indptr[rows[i]!]!;
    const to = matrix.indptr[rows[i]! + 1]!;
    indices.set(matrix.indices.subarray(from, to), indptr[i]!);
    values.set(matrix.values.subarray(from, to), indptr[i]!);
  }
  return { rows: rows.length, cols: matrix.cols, indptr, indices, values };
}

/**
 * Matrices side by side: columns of the first come first.
 *
 * @throws RangeError if the numbers of rows differ, or none is given
 */
export function hstack(matrices: readonly CsrMatrix[]): CsrMatrix {
  const rows = commonSize(matrices, 'rows');
  if (matrices.length === 1) return matrices[0]!;
  const nonZeros = matrices.reduce((sum, matrix) => sum + matrix.values.length, 0);
  const indptr = new Int32Array(rows + 1);
  const indices = new Int32Array(nonZeros);
  const values = new Float32Array(nonZeros);
  let at = 0;
  for (let row = 0; row < rows; row++) {
    let offset = 0;
    for (const matrix of matrices) {
      for (let p = matrix.indptr[row]!; p < matrix.indptr[row + 1]!; p++) {
        indices[at] = matrix.indices[p]! + offset;
        values[at++] = matrix.values[p]!;
      }
      offset += matrix.cols;
    }
    indptr[row + 1] = at;
  }
  const cols = matrices.reduce((sum, matrix) => sum + matrix.cols, 0);
  return { rows, cols, indptr, indices, values };
}

/**
 * Matrices one below the other.
 *
 * @throws RangeError if the numbers of columns differ, or none is given
 */
export function vstack(matrices: readonly CsrMatrix[]): CsrMatrix {
  const cols = commonSize(matrices, 'cols');
  if (matrices.length === 1) return matrices[0]!;
  const rows = matrices.reduce((sum, matrix) => sum + matrix.rows, 0);
  const nonZeros = matrices.reduce((sum, matrix) => sum + matrix.values.length, 0);
  const indptr = new Int32Array(rows + 1);
  const indices = new Int32Array(nonZeros);
  const values = new Float32Array(nonZeros);
  let row = 0;
  let at = 0;
  for (const matrix of matrices) {
    indices.set(matrix.indices, at);
    values.set(matrix.values, at);
    for (let i = 0; i < matrix.rows; i++) indptr[++row] = at + matrix.indptr[i + 1]!;
    at += matrix.values.length;
  }
  return { rows, cols, indptr, indices, values };
}

/**
 * From coordinates in any order.
 *
 * @throws RangeError if the arrays differ in length, a coordinate is outside the matrix, or given twice
 */
export function fromCoo(
  rows: number,
  cols: number,
  rowIndices: Int32Array,
  colIndices: Int32Array,
  values: Float32Array,
): CsrMatrix {
  if (rowIndices.length !== values.length || colIndices.length !== values.length) {
    throw new RangeError(
      `expected as many rows and columns as values (${values.length}), got ${rowIndices.length} and ${colIndices.length}`,
    );
  }
  for (let p = 0; p < values.length; p++) {
    const [row, col] = [rowIndices[p]!, colIndices[p]!];
    if (row < 0 || row >= rows || col < 0 || col >= cols) {
      throw new RangeError(`entry ${p} is at (${row}, ${col}), outside ${rows} × ${cols}`);
    }
  }
  // Ordering by column, then (stably) by row, leaves columns ascending within rows.
  const byColumn = compress(cols, rows, colIndices, rowIndices, values);
  const matrix = transpose(byColumn);
  for (let row = 0; row < rows; row++) {
    for (let p = matrix.indptr[row]! + 1; p < matrix.indptr[row + 1]!; p++) {
      if (matrix.indices[p] === matrix.indices[p - 1]) {
        throw new RangeError(`(${row}, ${matrix.indices[p]}) is given twice`);
      }
    }
  }
  return matrix;
}

/** Row of every stored value, (nnz,): with `indices` and `values`, the matrix as coordinates. */
export function rowIndices(matrix: CsrMatrix): Int32Array {
  const rows = new Int32Array(matrix.values.length);
  for (let row = 0; row < matrix.rows; row++) rows.fill(row, matrix.indptr[row]!, matrix.indptr[row + 1]!);
  return rows;
}

/** The matrix turned over: its rows are the columns of `matrix`. */
export function transpose(matrix: CsrMatrix): CsrMatrix {
  return compress(matrix.cols, matrix.rows, matrix.indices, rowIndices(matrix), matrix.values);
}

/** Stable counting sort by row. */
function compress(
  rows: number,
  cols: number,
  rowOf: Int32Array,
  colOf: Int32Array,
  valueOf: Float32Array,
): CsrMatrix {
  const indptr = new Int32Array(rows + 1);
  for (let p = 0; p < rowOf.length; p++) indptr[rowOf[p]! + 1]!++;
  for (let row = 0; row < rows; row++) indptr[row + 1]! += indptr[row]!;
  const next = indptr.slice(0, rows);
  const indices = new Int32Array(rowOf.length);
  const values = new Float32Array(rowOf.length);
  for (let p = 0; p < rowOf.length; p++) {
    const at = next[rowOf[p]!]!++;
    indices[at] = colOf[p]!;
    values[at] = valueOf[p]!;
  }
  return { rows, cols, indptr, indices, values };
}

function commonSize(matrices: readonly CsrMatrix[], side: 'rows' | 'cols'): number {
  const size = matrices[0]?.[side];
  if (size === undefined) throw new RangeError('expected at least one matrix, got none');
  const other = matrices.find((matrix) => matrix[side] !== size);
  if (other) throw new RangeError(`expected matrices of ${size} ${side}, got one of ${other[side]}`);
  return size;
}
