import { curvature, curvatureDiagonal } from './links.js';
import { multiply } from './multiply.js';
import { backward, forward, groupsOf, sizeOf, type LinearProblem } from './problem.js';
import { addScaled, dots } from './vectors.js';

/** A step and what it does to the logits. */
export interface Direction {
  readonly step: Float64Array; // (size,)
  readonly logits: Float64Array; // (n × q), X·step
}

export interface CgSettings {
  readonly relativeResidual: number;
  readonly maxProducts: number;
  /** Called before every product with the Hessian; may throw. */
  readonly onProduct: () => void;
}

/**
 * Solves H·step = −gradient roughly, by conjugate gradients preconditioned with H's diagonal. Groups go side by side;
 * a group that is done, or has `active` 0, waits.
 */
export function newtonDirection(
  problem: LinearProblem,
  p: Float64Array,
  gradient: Float64Array,
  active: Uint8Array,
  { relativeResidual, maxProducts, onProduct }: CgSettings,
): Direction {
  const groups = groupsOf(problem);
  const inverse = inverseDiagonal(problem, p);
  const step = new Float64Array(gradient.length);
  const logits = new Float64Array(p.length);
  const residual = gradient.map((value) => -value);
  const direction = residual.map((value, i) => value * inverse[i]!);
  const [image, product] = [new Float64Array(p.length), new Float64Array(gradient.length)];
  const work = new Float64Array(p.length);
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
    addScaled(logits, image, alpha);
    for (let g = 0; g < groups; g++) alpha[g] = -alpha[g]!;
    addScaled(residual, product, alpha);
    nextDirection(residual, inverse, direction, rho, beta);
    for (let g = 0; g < groups; g++) if (rho[g]! <= goal[g]!) going[g] = 0;
  }
  return { step, logits };
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

/** 1 / diagonal of the Hessian, (size,). */
function inverseDiagonal(problem: LinearProblem, p: Float64Array): Float64Array {
  const { transposed, width, penalty } = problem;
  const squared = { ...transposed, values: transposed.values.map((value) => value * value) };
  const diagonal = new Float64Array(sizeOf(problem));
  const work = new Float64Array(p.length);
  curvatureDiagonal(problem, p, work);
  multiply(squared, work, width, diagonal);
  const weights = transposed.rows * width;
  for (let i = 0; i < weights; i++) diagonal[i] = 1 / (diagonal[i]! + penalty);
  const intercept = diagonal.subarray(weights);
  for (let at = 0; at < work.length; at += width) {
    for (let k = 0; k < width; k++) intercept[k]! += work[at + k]!;
  }
  for (let k = 0; k < width; k++) intercept[k] = intercept[k]! > 0 ? 1 / intercept[k]! : 0;
  return diagonal;
}
