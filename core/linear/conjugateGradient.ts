import { curvature, curvatureDiagonal } from './links.js';
import { backward, forward, groupsOf, type LinearProblem } from './problem.js';
import { addScaled, dots } from './vectors.js';

export interface CgSettings {
  readonly relativeResidual: number;
  readonly maxProducts: number;
  /** Called before every product with the Hessian; may throw. */
  readonly onProduct: () => void;
}

/**
 * Solves H·step = −gradient roughly, by conjugate gradients preconditioned with H's diagonal. Takes `p` and `gradient`
 * from the problem's buffers, leaves `step` and `change` = X·step there. Groups go side by side; a group that is done,
 * or has `active` 0, waits.
 */
export function newtonDirection(
  problem: LinearProblem,
  active: Uint8Array,
  { relativeResidual, maxProducts, onProduct }: CgSettings,
): void {
  const groups = groupsOf(problem);
  const { p, gradient, step, change, residual, direction, inverse, image, work, product } = problem.buffers;
  invertDiagonal(problem);
  step.fill(0);
  change.fill(0);
  for (let i = 0; i < gradient.length; i++) {
    residual[i] = -gradient[i]!;
    direction[i] = residual[i]! * inverse[i]!;
  }
  const [rho, along, alpha, beta] = Array.from({ length: 4 }, () => new Float64Array(groups)) as FourVectors;
  dots(residual, direction, rho);
  const goal = rho.map((value) => value * relativeResidual ** 2);
  const going = active.map((flag, g) => Number(flag === 1 && rho[g]! > 0));
  for (let products = 0; products < maxProducts && going.includes(1); products++) {
    onProduct();
    forward(problem, direction, image);
    curvature(problem, p, image, work);
    backward(problem, work, direction, product);
    dots(direction, product, along);
    for (let g = 0; g < groups; g++) {
      if (!(along[g]! > 0)) going[g] = 0; // a flat direction: nothing to gain
      alpha[g] = going[g] === 1 ? rho[g]! / along[g]! : 0;
    }
    addScaled(step, direction, alpha);
    addScaled(change, image, alpha);
    for (let g = 0; g < groups; g++) alpha[g] = -alpha[g]!;
    addScaled(residual, product, alpha);
    nextDirection(residual, inverse, direction, rho, beta);
    for (let g = 0; g < groups; g++) if (rho[g]! <= goal[g]!) going[g] = 0;
  }
}

type FourVectors = [Float64Array, Float64Array, Float64Array, Float64Array];

/** direction = M⁻¹·residual + β·direction; brings rho up to date. `beta` is scratch. */
function nextDirection(
  residual: Float64Array,
  inverse: Float64Array,
  direction: Float64Array,
  rho: Float64Array,
  beta: Float64Array,
): void {
  const groups = rho.length;
  beta.fill(0);
  for (let at = 0; at < residual.length; at += groups) {
    for (let g = 0; g < groups; g++) beta[g]! += residual[at + g]! ** 2 * inverse[at + g]!;
  }
  for (let g = 0; g < groups; g++) {
    const next = beta[g]!;
    beta[g] = rho[g]! > 0 ? next / rho[g]! : 0;
    rho[g] = next;
  }
  for (let at = 0; at < residual.length; at += groups) {
    for (let g = 0; g < groups; g++) {
      direction[at + g] = residual[at + g]! * inverse[at + g]! + beta[g]! * direction[at + g]!;
    }
  }
}

/** inverse = 1 / diagonal of the Hessian. */
function invertDiagonal(problem: LinearProblem): void {
  const { turned, width, penalty, workspace } = problem;
  const { squared } = turned();
  const { p, work, inverse } = problem.buffers;
  curvatureDiagonal(problem, p, work);
  workspace.multiply(squared, work, width, inverse);
  const weights = squared.rows * width;
  for (let i = 0; i < weights; i++) inverse[i] = 1 / (inverse[i]! + penalty);
  const intercept = inverse.subarray(weights);
  intercept.fill(0);
  for (let at = 0; at < work.length; at += width) {
    for (let k = 0; k < width; k++) intercept[k]! += work[at + k]!;
  }
  for (let k = 0; k < width; k++) intercept[k] = intercept[k]! > 0 ? 1 / intercept[k]! : 0;
}
