import { curvature, curvatureDiagonal } from './links.js';
import { backward, forward, groupsOf, type LinearProblem } from './problem.js';

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
  const { vectors } = problem.workspace;
  invertDiagonal(problem);
  step.fill(0);
  change.fill(0);
  for (let i = 0; i < gradient.length; i++) {
    residual[i] = -gradient[i]!;
    direction[i] = residual[i]! * inverse[i]!;
  }
  const [rho, next, along, alpha] = Array.from({ length: 4 }, () => new Float64Array(groups)) as FourVectors;
  vectors.dots(residual, direction, rho);
  const goal = rho.map((value) => value * relativeResidual ** 2);
  const going = active.map((flag, g) => Number(flag === 1 && rho[g]! > 0));
  for (let products = 0; products < maxProducts && going.includes(1); products++) {
    onProduct();
    forward(problem, direction, image);
    curvature(problem, p, image, work);
    backward(problem, work, direction, product);
    vectors.dots(direction, product, along);
    for (let g = 0; g < groups; g++) {
      if (!(along[g]! > 0)) going[g] = 0; // a flat direction: nothing to gain
      alpha[g] = going[g] === 1 ? rho[g]! / along[g]! : 0;
    }
    vectors.addScaled(step, direction, alpha);
    vectors.addScaled(change, image, alpha);
    for (let g = 0; g < groups; g++) alpha[g] = -alpha[g]!;
    vectors.addScaled(residual, product, alpha);
    vectors.squares(residual, inverse, next);
    for (let g = 0; g < groups; g++) alpha[g] = rho[g]! > 0 ? next[g]! / rho[g]! : 0;
    vectors.turn(direction, residual, inverse, alpha);
    rho.set(next);
    for (let g = 0; g < groups; g++) if (rho[g]! <= goal[g]!) going[g] = 0;
  }
}

type FourVectors = [Float64Array, Float64Array, Float64Array, Float64Array];

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
  workspace.vectors.sumRows(work, intercept);
  for (let k = 0; k < width; k++) intercept[k] = intercept[k]! > 0 ? 1 / intercept[k]! : 0;
}
