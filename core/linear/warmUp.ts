import { seeded } from '../random.js';
import type { LinearProblem } from './problem.js';

const MAX_EPOCHS = 12;
const STILL = 0.005; // stops when a row's dual variables move less than this in an epoch, on average
const LEAST_CURVATURE = 0.05;
const CONSTANT = 0.3; // the constant feature whose weight is the intercept; small: rows stay nearly orthogonal

/**
 * Improves parameters that have only an intercept by a few epochs of dual coordinate ascent, in place: a row at a time,
 * a Newton step on its dual variables αᵢ = y − p, with W = Σ sᵢ·xᵢ·αᵢ/λ kept. An epoch costs what one product with the
 * Hessian does; the optimum is left to Newton's method, which also frees the intercept of the penalty that it has here.
 *
 * @param onEpoch called before every epoch; may throw
 * @source Shalev-Shwartz & Zhang, Stochastic dual coordinate ascent methods, JMLR 14 (2013); Yu, Huang & Lin, Dual
 *   coordinate descent methods for logistic regression and maximum entropy models, Machine Learning 85 (2011)
 */
export function warmUp(problem: LinearProblem, theta: Float64Array, onEpoch: () => void): void {
  const { matrix, buffers } = problem;
  const random = seeded(0, 'linear warm-up');
  const order = Int32Array.from({ length: matrix.rows }, (_, row) => row);
  const curvatures = rowCurvatures(problem);
  buffers.change.fill(0); // the dual variables
  buffers.theta.set(theta);
  for (let epoch = 0; epoch < MAX_EPOCHS; epoch++) {
    onEpoch();
    random.shuffle(order);
    let moved = 0;
    for (const row of order) moved += ascend(problem, row, curvatures[row]!);
    if (moved <= STILL * matrix.rows) break;
  }
  theta.set(buffers.theta);
}

/** ‖xᵢ‖²·sᵢ/λ, the constant feature included. */
function rowCurvatures({ matrix, shares, penalty }: LinearProblem): Float64Array {
  return shares.map((share, row) => {
    let square = CONSTANT ** 2;
    for (let p = matrix.indptr[row]!; p < matrix.indptr[row + 1]!; p++) square += matrix.values[p]! ** 2;
    return (square * share) / penalty;
  });
}

/** Moves one row's dual variables and the parameters with them; returns how far, as a sum of absolute values. */
function ascend(problem: LinearProblem, row: number, curvature: number): number {
  const { matrix, width, shares, penalty, workspace, buffers, link, targets } = problem;
  const { theta, change: dual, image: delta } = buffers;
  const intercept = matrix.cols * width;
  workspace.multiplyRow(matrix, row, theta, width, delta);
  for (let k = 0; k < width; k++) delta[k]! += theta[intercept + k]!;
  const target = targets[row]!;
  if (link === 'softmax') softmaxStep(delta, dual, row * width, target, width, curvature);
  else sigmoidSteps(delta, dual, row * width, target, width, curvature);
  const scale = shares[row]! / penalty;
  let moved = 0;
  for (let k = 0; k < width; k++) {
    const step = delta[k]!;
    dual[row * width + k]! += step;
    moved += Math.abs(step);
    delta[k] = scale * step;
    theta[intercept + k]! += CONSTANT ** 2 * delta[k]!;
  }
  workspace.addRow(matrix, row, delta, width, theta);
  return moved;
}

/** Logits in, steps of the dual variables out: each column by itself. */
function sigmoidSteps(
  z: Float64Array,
  dual: Float64Array,
  at: number,
  target: number,
  width: number,
  curvature: number,
): void {
  for (let k = 0; k < width; k++) {
    const e = Math.exp(-Math.abs(z[k]!));
    const p = (z[k]! > 0 ? 1 : e) / (1 + e);
    const positive = target === (width === 1 ? 1 : k) ? 1 : 0;
    z[k] = (positive - p - dual[at + k]!) / (1 + curvature * Math.max(p * (1 - p), LEAST_CURVATURE));
  }
}

/** The same for all columns together, along the direction y − p − α. */
function softmaxStep(
  z: Float64Array,
  dual: Float64Array,
  at: number,
  target: number,
  width: number,
  curvature: number,
): void {
  let largest = -Infinity;
  for (let k = 0; k < width; k++) largest = Math.max(largest, z[k]!);
  let sum = 0;
  for (let k = 0; k < width; k++) sum += z[k] = Math.exp(z[k]! - largest);
  let [mean, meanSquare, square] = [0, 0, 0];
  for (let k = 0; k < width; k++) {
    const p = z[k]! / sum;
    const direction = (k === target ? 1 : 0) - p - dual[at + k]!;
    mean += p * direction;
    meanSquare += p * direction * direction;
    square += direction * direction;
    z[k] = direction;
  }
  const along = square > 0 ? (meanSquare - mean * mean) / square : 0;
  const length = 1 / (1 + curvature * Math.max(along, LEAST_CURVATURE));
  for (let k = 0; k < width; k++) z[k]! *= length;
}
