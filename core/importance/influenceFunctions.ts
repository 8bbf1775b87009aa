import type { DenseMatrix } from '../../contracts/matrix.js';
import { cholesky, solveCholesky, solveLower } from '../matrix/cholesky.js';
import { rowOf } from '../matrix/dense.js';
import {
  fitExactLogistic,
  hessianAt,
  probabilitiesAt,
  residualsOf,
  widthOf,
  type ExactLogistic,
} from './exactLogistic.js';

/** A fitted model whose Hessian is factored, and its samples' gradients in two factors: g_i = x_i ⊗ r_i. */
export interface FittedInfluence {
  readonly problem: ExactLogistic;
  readonly theta: Float64Array; // (d, q)
  readonly hessian: Float64Array; // (d·q, d·q)
  readonly lower: Float64Array; // its Cholesky factor
  readonly residuals: Float64Array; // (n, q)
}

/** Fits the problem and factors its Hessian. @source Koh & Liang, Understanding Black-box Predictions via Influence Functions, ICML 2017 */
export function fitInfluence(problem: ExactLogistic): FittedInfluence {
  const theta = fitExactLogistic(problem);
  const probabilities = probabilitiesAt(problem.design, theta, widthOf(problem));
  const hessian = hessianAt(problem, probabilities);
  return {
    problem,
    theta,
    hessian,
    lower: cholesky(hessian, theta.length),
    residuals: residualsOf(probabilities, problem.targets, widthOf(problem)),
  };
}

/** ∇ℓ of one row of a design, (d·q). */
function gradientOf(x: Float64Array, residual: Float64Array): Float64Array {
  const gradient = new Float64Array(x.length * residual.length);
  x.forEach((value, j) => {
    for (let k = 0; k < residual.length; k++) gradient[j * residual.length + k] = value * residual[k]!;
  });
  return gradient;
}

/** gᵢᵀ·v of every training sample, (n,). */
function gradientDots({ problem, residuals }: FittedInfluence, vector: Float64Array): Float64Array {
  const width = widthOf(problem);
  return Float64Array.from(problem.targets, (_, i) => {
    let sum = 0;
    rowOf(problem.design, i).forEach((x, j) => {
      for (let k = 0; k < width; k++) sum += x * residuals[i * width + k]! * vector[j * width + k]!;
    });
    return sum;
  });
}

/**
 * g_testᵀ H⁻¹ gᵢ of every training sample, (n,), g_test the mean over the given rows: n times the estimated change of
 * their mean loss, in nats, when the sample is left out; minus it is what up-weighting the sample would do.
 *
 * @param design rows with the columns of the problem's
 */
export function influenceOn(fitted: FittedInfluence, design: DenseMatrix, targets: Int32Array): Float64Array {
  const width = widthOf(fitted.problem);
  const residuals = residualsOf(probabilitiesAt(design, fitted.theta, width), targets, width);
  const mean = new Float64Array(fitted.theta.length);
  for (let i = 0; i < design.rows; i++) {
    gradientOf(rowOf(design, i), residuals.subarray(i * width, (i + 1) * width)).forEach((value, j) => {
      mean[j]! += value / design.rows;
    });
  }
  return gradientDots(fitted, solveCholesky(fitted.lower, mean));
}

/** gᵢᵀ H⁻¹ gᵢ of every training sample, (n,), at least 0. */
export function selfInfluences({ problem, residuals, lower }: FittedInfluence): Float64Array {
  const width = widthOf(problem);
  return Float64Array.from(problem.targets, (_, i) => {
    const gradient = gradientOf(rowOf(problem.design, i), residuals.subarray(i * width, (i + 1) * width));
    return solveLower(lower, gradient).reduce((sum, value) => sum + value * value, 0);
  });
}
