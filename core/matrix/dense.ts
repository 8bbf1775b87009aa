import type { DenseMatrix } from '../../contracts/matrix.js';

/** Row i without a copy, (d,). */
export const rowOf = ({ values, cols }: DenseMatrix, i: number): Float64Array =>
  values.subarray(i * cols, (i + 1) * cols);

/** Inner product of two vectors of one length. */
export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/** Squared Euclidean distance of two vectors of one length. */
export function squaredDistance(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i]! - b[i]!) ** 2;
  return sum;
}

/** XᵀWX for row weights W (1 without), (d, d), symmetric. */
export function gramMatrix({ rows, cols, values }: DenseMatrix, weights?: Float64Array): Float64Array {
  const gram = new Float64Array(cols * cols);
  for (let i = 0; i < rows; i++) {
    const start = i * cols;
    for (let a = 0; a < cols; a++) {
      const scaled = values[start + a]! * (weights?.[i] ?? 1);
      if (scaled === 0) continue;
      for (let b = 0; b <= a; b++) gram[a * cols + b]! += scaled * values[start + b]!;
    }
  }
  for (let a = 0; a < cols; a++) for (let b = 0; b < a; b++) gram[b * cols + a] = gram[a * cols + b]!;
  return gram;
}

/** X·v, (n,). */
export const timesVector = (matrix: DenseMatrix, vector: Float64Array): Float64Array =>
  Float64Array.from({ length: matrix.rows }, (_, i) => dot(rowOf(matrix, i), vector));

/** Xᵀ·v, (d,). */
export function transposedTimes({ rows, cols, values }: DenseMatrix, vector: Float64Array): Float64Array {
  const product = new Float64Array(cols);
  for (let i = 0; i < rows; i++) {
    const factor = vector[i]!;
    for (let j = 0; j < cols; j++) product[j]! += factor * values[i * cols + j]!;
  }
  return product;
}

/** The matrix with a last column of ones, for an intercept. */
export function withOnes({ rows, cols, values }: DenseMatrix): DenseMatrix {
  const wider = new Float64Array(rows * (cols + 1)).fill(1);
  for (let i = 0; i < rows; i++) wider.set(values.subarray(i * cols, (i + 1) * cols), i * (cols + 1));
  return { rows, cols: cols + 1, values: wider };
}
