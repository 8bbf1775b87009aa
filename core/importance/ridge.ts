import type { DenseMatrix } from '../../contracts/matrix.js';
import { cholesky, solveCholesky, solveLower } from '../matrix/cholesky.js';
import { dot, gramMatrix, rowOf, timesVector, transposedTimes } from '../matrix/dense.js';

/** Ridge regression of one target, and what leaving a row out would do to it. */
export interface RidgeLeaveOneOut {
  readonly weights: Float64Array; // (d,)
  readonly leverage: Float64Array; // h, (n,), in [0, 1)
  readonly residuals: Float64Array; // e / (1 − h), (n,): of the fit without the row
  /** Mean squared error on the test side without the row, less with it, (n,): above 0 = the row helps. */
  readonly values: Float64Array;
  readonly testError: number; // mean squared error on the test side of the whole fit
}

/**
 * Exact leave-one-out of w = (XᵀX + λI)⁻¹Xᵀy without refitting: w₋ᵢ = w − (XᵀX + λI)⁻¹xᵢ eᵢ/(1 − hᵢ). No intercept: put
 * a column of ones into X. O(n·d² + d³).
 *
 * @source Allen, The relationship between variable selection and data augmentation and a method for prediction, 1974
 */
export function ridgeLeaveOneOut(
  design: DenseMatrix,
  y: Float64Array,
  test: { readonly design: DenseMatrix; readonly y: Float64Array },
  l2: number,
): RidgeLeaveOneOut {
  const d = design.cols;
  const gram = gramMatrix(design);
  for (let j = 0; j < d; j++) gram[j * (d + 1)]! += l2;
  const lower = cholesky(gram, d);
  const weights = solveCholesky(lower, transposedTimes(design, y));
  const fitted = timesVector(design, weights);
  const leverage = Float64Array.from(y, (_, i) => {
    const half = solveLower(lower, rowOf(design, i));
    return dot(half, half);
  });
  const residuals = y.map((value, i) => (value - fitted[i]!) / (1 - leverage[i]!));
  // Predictions on the test side fall by c = X_test A⁻¹xᵢ·δ: the error changes by 2δ·mean(r·c) + δ²·mean(c²).
  const m = Math.max(test.y.length, 1);
  const predicted = timesVector(test.design, weights);
  const errors = test.y.map((value, j) => value - predicted[j]!);
  const slope = solveCholesky(lower, transposedTimes(test.design, errors));
  const testGram = gramMatrix(test.design);
  const values = residuals.map((delta, i) => {
    const x = rowOf(design, i);
    const reach = solveCholesky(lower, x);
    return (2 * delta * dot(slope, x) + delta * delta * quadratic(testGram, reach)) / m;
  });
  return { weights, leverage, residuals, values, testError: dot(errors, errors) / m };
}

/** vᵀMv. */
function quadratic(matrix: Float64Array, vector: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < vector.length; i++) {
    sum += vector[i]! * dot(matrix.subarray(i * vector.length, (i + 1) * vector.length), vector);
  }
  return sum;
}
