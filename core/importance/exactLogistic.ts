import type { DenseMatrix } from '../../contracts/matrix.js';
import { cholesky, solveCholesky } from '../matrix/cholesky.js';
import { dot, rowOf } from '../matrix/dense.js';

/**
 * An L2-regularised logistic problem small enough for its exact Hessian: (1/n) Σ wᵢℓᵢ + λ/2‖θ‖². The design's columns are
 * all regularised. Two classes have one column of parameters (class 1 against 0), K have K.
 */
export interface ExactLogistic {
  readonly design: DenseMatrix; // (n, d)
  readonly targets: Int32Array; // (n,)
  readonly outputs: number; // K
  readonly l2: number; // λ
  readonly sampleWeights?: Float64Array; // (n,)
}

/** Columns of parameters: 1 for two classes, else K. */
export const widthOf = ({ outputs }: Pick<ExactLogistic, 'outputs'>): number => (outputs === 2 ? 1 : outputs);

/**
 * Class probabilities (n, q) of the design's rows at θ (d, q) row-major: for two classes the probability of class 1.
 */
export function probabilitiesAt(design: DenseMatrix, theta: Float64Array, width: number): Float64Array {
  const probabilities = new Float64Array(design.rows * width);
  for (let i = 0; i < design.rows; i++) {
    const p = probabilities.subarray(i * width, (i + 1) * width);
    rowOf(design, i).forEach((x, j) => {
      if (x !== 0) for (let k = 0; k < width; k++) p[k]! += x * theta[j * width + k]!;
    });
    if (width === 1) p[0] = 1 / (1 + Math.exp(-p[0]!));
    else softmaxInPlace(p);
  }
  return probabilities;
}

function softmaxInPlace(z: Float64Array): void {
  const highest = z.reduce((most, value) => Math.max(most, value), -Infinity);
  let sum = 0;
  for (let k = 0; k < z.length; k++) sum += z[k] = Math.exp(z[k]! - highest);
  for (let k = 0; k < z.length; k++) z[k]! /= sum;
}

/** p − y of each row, (n, q). */
export function residualsOf(probabilities: Float64Array, targets: Int32Array, width: number): Float64Array {
  const residuals = probabilities.slice();
  targets.forEach((target, i) => {
    if (width > 1) residuals[i * width + target]! -= 1;
    else residuals[i]! -= target;
  });
  return residuals;
}

/** Cross-entropy of each row, (n,), in nats. */
export function lossesOf(probabilities: Float64Array, targets: Int32Array, width: number): Float64Array {
  return Float64Array.from(targets, (target, i) => {
    const p =
      width > 1
        ? probabilities[i * width + target]!
        : target === 1
          ? probabilities[i]!
          : 1 - probabilities[i]!;
    return -Math.log(Math.max(p, Number.MIN_VALUE));
  });
}

/** Hessian of the objective at θ, (d·q, d·q), parameters in the order [feature][class]. */
export function hessianAt(problem: ExactLogistic, probabilities: Float64Array): Float64Array {
  const { design, l2, sampleWeights } = problem;
  const width = widthOf(problem);
  const size = design.cols * width;
  const hessian = new Float64Array(size * size);
  for (let i = 0; i < design.rows; i++) {
    const share = (sampleWeights?.[i] ?? 1) / design.rows;
    const x = rowOf(design, i);
    const p = probabilities.subarray(i * width, (i + 1) * width);
    for (let a = 0; a < design.cols; a++) {
      for (let b = 0; b <= a; b++) {
        const product = share * x[a]! * x[b]!;
        if (product !== 0) addCurvature(hessian, (a * size + b) * width, size, p, product);
      }
    }
  }
  for (let row = 0; row < size; row++) {
    for (let col = 0; col < row; col++) hessian[col * size + row] = hessian[row * size + col]!;
    hessian[row * size + row]! += l2;
  }
  return hessian;
}

/** Adds factor·(diag(p) − ppᵀ), or p(1 − p) for one column, to the block that starts there. */
function addCurvature(
  hessian: Float64Array,
  start: number,
  size: number,
  p: Float64Array,
  factor: number,
): void {
  if (p.length === 1) {
    hessian[start]! += factor * p[0]! * (1 - p[0]!);
    return;
  }
  for (let c = 0; c < p.length; c++) {
    const scaled = factor * p[c]!;
    for (let e = 0; e < p.length; e++) hessian[start + c * size + e]! -= scaled * p[e]!;
    hessian[start + c * size + c]! += scaled;
  }
}

function objectiveAt(problem: ExactLogistic, theta: Float64Array, probabilities: Float64Array): number {
  const { targets, l2, sampleWeights } = problem;
  const losses = lossesOf(probabilities, targets, widthOf(problem));
  const sum = losses.reduce((total, loss, i) => total + loss * (sampleWeights?.[i] ?? 1), 0);
  return sum / targets.length + (l2 / 2) * dot(theta, theta);
}

function gradientAt(problem: ExactLogistic, theta: Float64Array, probabilities: Float64Array): Float64Array {
  const { design, targets, l2, sampleWeights } = problem;
  const width = widthOf(problem);
  const residuals = residualsOf(probabilities, targets, width);
  const gradient = theta.map((value) => l2 * value);
  for (let i = 0; i < design.rows; i++) {
    const share = (sampleWeights?.[i] ?? 1) / design.rows;
    rowOf(design, i).forEach((x, j) => {
      for (let k = 0; k < width; k++) gradient[j * width + k]! += share * x * residuals[i * width + k]!;
    });
  }
  return gradient;
}

/**
 * θ (d, q) at the optimum, by Newton with halved steps until the gradient's largest entry is below 1e-13 or no step
 * lowers the objective.
 */
export function fitExactLogistic(problem: ExactLogistic, start?: Float64Array): Float64Array {
  const width = widthOf(problem);
  let theta = start?.slice() ?? new Float64Array(problem.design.cols * width);
  let probabilities = probabilitiesAt(problem.design, theta, width);
  for (let iteration = 0; iteration < 100; iteration++) {
    const gradient = gradientAt(problem, theta, probabilities);
    if (gradient.every((value) => Math.abs(value) < 1e-13)) break;
    const lower = cholesky(hessianAt(problem, probabilities), theta.length);
    const step = solveCholesky(lower, gradient);
    const objective = objectiveAt(problem, theta, probabilities);
    let scale = 1;
    let next = theta.map((value, j) => value - step[j]!);
    let moved = probabilitiesAt(problem.design, next, width);
    while (scale > 1e-6 && objectiveAt(problem, next, moved) > objective + 1e-15) {
      scale /= 2;
      const by = scale;
      next = theta.map((value, j) => value - by * step[j]!);
      moved = probabilitiesAt(problem.design, next, width);
    }
    if (scale <= 1e-6) break;
    [theta, probabilities] = [next, moved];
  }
  return theta;
}
