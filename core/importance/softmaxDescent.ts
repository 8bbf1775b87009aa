import type { DenseMatrix } from '../../contracts/matrix.js';
import { rowOf } from '../matrix/dense.js';

/** Rows with a class each. */
export interface LabelledRows {
  readonly design: DenseMatrix; // (n, d)
  readonly targets: Int32Array; // (n,)
  readonly outputs: number; // K
}

/** What a linear softmax model makes of rows at its parameters (d, K). */
export interface SoftmaxPass {
  readonly losses: Float64Array; // (n,), nats
  readonly residuals: Float64Array; // p − e_y, (n, K)
}

export function softmaxPass(
  { design, targets, outputs }: LabelledRows,
  parameters: Float64Array,
): SoftmaxPass {
  const losses = new Float64Array(targets.length);
  const residuals = new Float64Array(targets.length * outputs);
  targets.forEach((target, i) => {
    const z = residuals.subarray(i * outputs, (i + 1) * outputs);
    rowOf(design, i).forEach((x, j) => {
      for (let k = 0; k < outputs; k++) z[k]! += x * parameters[j * outputs + k]!;
    });
    let highest = -Infinity;
    for (let k = 0; k < outputs; k++) highest = Math.max(highest, z[k]!);
    let sum = 0;
    for (let k = 0; k < outputs; k++) sum += Math.exp(z[k]! - highest);
    losses[i] = highest + Math.log(sum) - z[target]!;
    for (let k = 0; k < outputs; k++) z[k] = Math.exp(z[k]! - highest) / sum;
    z[target]! -= 1;
  });
  return { losses, residuals };
}

/** Σᵢ weightᵢ·∇ℓᵢ, (d, K). */
export function weightedGradient(
  { design, outputs }: LabelledRows,
  residuals: Float64Array,
  weights: Float64Array,
): Float64Array {
  const gradient = new Float64Array(design.cols * outputs);
  for (let i = 0; i < design.rows; i++) {
    const weight = weights[i]!;
    if (weight === 0) continue;
    rowOf(design, i).forEach((x, j) => {
      for (let k = 0; k < outputs; k++)
        gradient[j * outputs + k]! += weight * x * residuals[i * outputs + k]!;
    });
  }
  return gradient;
}

/** ⟨vector, ∇ℓᵢ⟩ of every row, (n,). */
export function gradientProducts(
  { design, outputs }: LabelledRows,
  residuals: Float64Array,
  vector: Float64Array,
): Float64Array {
  return Float64Array.from({ length: design.rows }, (_, i) => {
    let sum = 0;
    rowOf(design, i).forEach((x, j) => {
      for (let k = 0; k < outputs; k++) sum += x * residuals[i * outputs + k]! * vector[j * outputs + k]!;
    });
    return sum;
  });
}

/** Adam's steps for one array of parameters, which it changes in place. @source Kingma & Ba, ICLR 2015 */
export function createAdam(parameters: Float64Array, rate: number): (gradient: Float64Array) => void {
  const first = new Float64Array(parameters.length);
  const second = new Float64Array(parameters.length);
  let step = 0;
  return (gradient) => {
    step++;
    for (let j = 0; j < parameters.length; j++) {
      const g = gradient[j]!;
      first[j] = 0.9 * first[j]! + 0.1 * g;
      second[j] = 0.999 * second[j]! + 0.001 * g * g;
      const mean = first[j]! / (1 - 0.9 ** step);
      const spread = Math.sqrt(second[j]! / (1 - 0.999 ** step)) + 1e-8;
      parameters[j]! -= (rate * mean) / spread;
    }
  };
}
