import { DivergedError } from '../../contracts/errors.js';
import { type BlockProblem, evaluate, hessianTimes, type OnBlock, type Point } from './blockProblem.js';
import { MAX_HALVINGS, MAX_PRODUCTS, RELATIVE_RESIDUAL, SUFFICIENT_DECREASE } from './newton.js';
import { groupsOf, weightsOf } from './problem.js';
import { addScaled, dots, squares, turn } from './vectors.js';

/** One iteration, and where it led. */
export interface BlockStep {
  readonly point: Point;
  readonly open: Uint8Array; // groups that are not done
  readonly moved: boolean;
}

export interface BlockNewtonSettings {
  readonly tolerance: number; // as of `newtonIteration`
  readonly open: Uint8Array;
  readonly onBlock: OnBlock;
}

/**
 * One iteration of {@link newtonIteration} by passes over blocks: one for every product with the Hessian, and one for every
 * length that is tried of the step, which is also the first of the next iteration.
 *
 * @throws DivergedError if the objective is not finite
 */
export async function blockNewtonStep(
  problem: BlockProblem,
  point: Point,
  { tolerance, open, onBlock }: BlockNewtonSettings,
): Promise<BlockStep> {
  const objective = point.objectives.reduce((sum, value) => sum + value, 0);
  if (!Number.isFinite(objective)) {
    throw new DivergedError(`loss is ${objective}: look for infinite feature values, or lower C`);
  }
  const step = await direction(problem, point, open, onBlock);
  const promised = new Float64Array(groupsOf(problem));
  dots(point.gradient, step, promised);
  const { next, lengths } = await searchAlong(problem, point, step, promised, onBlock);
  return {
    point: next,
    open: Uint8Array.from(lengths, (length, g) =>
      Number(length > 0 && -promised[g]! / 2 > tolerance * point.objectives[g]!),
    ),
    moved: lengths.some((length) => length > 0),
  };
}

/** Solves H·step = −gradient roughly, by preconditioned conjugate gradients; a pass a product. @see newtonDirection */
async function direction(
  problem: BlockProblem,
  { theta, gradient, diagonal }: Point,
  active: Uint8Array,
  onBlock: OnBlock,
): Promise<Float64Array> {
  const groups = groupsOf(problem);
  const weights = weightsOf(problem, diagonal).length;
  const inverse = diagonal.map((value, i) => (i < weights || value > 0 ? 1 / value : 0));
  const step = new Float64Array(gradient.length);
  const residual = gradient.map((value) => -value);
  const towards = residual.map((value, i) => value * inverse[i]!);
  const [rho, next, along] = [0, 1, 2].map(() => new Float64Array(groups)) as Vectors;
  dots(residual, towards, rho);
  const goal = rho.map((value) => value * RELATIVE_RESIDUAL ** 2);
  const going = active.map((flag, g) => Number(flag === 1 && rho[g]! > 0));
  for (let products = 0; products < MAX_PRODUCTS && going.includes(1); products++) {
    const product = await hessianTimes(problem, theta, towards, onBlock);
    dots(towards, product, along);
    going.forEach((flag, g) => (going[g] = Number(flag === 1 && along[g]! > 0))); // else flat: nothing to gain
    const alpha = rho.map((value, g) => (going[g] === 1 ? value / along[g]! : 0));
    addScaled(step, towards, alpha);
    addScaled(
      residual,
      product,
      alpha.map((value) => -value),
    );
    squares(residual, inverse, next);
    const beta = next.map((value, g) => (rho[g]! > 0 ? value / rho[g]! : 0));
    turn(towards, residual, inverse, beta);
    rho.set(next);
    going.forEach((flag, g) => (going[g] = Number(flag === 1 && rho[g]! > goal[g]!)));
  }
  return step;
}

type Vectors = [Float64Array, Float64Array, Float64Array];

/** The first of the lengths 1, ½, ¼ … by group that decreases the objective enough; 0 if none does. */
async function searchAlong(
  problem: BlockProblem,
  point: Point,
  step: Float64Array,
  slope: Float64Array,
  onBlock: OnBlock,
): Promise<{ readonly next: Point; readonly lengths: Float64Array }> {
  const lengths = slope.map((value) => Number(value < 0));
  const searching = Uint8Array.from(lengths);
  let next = point;
  for (let halvings = 0, changed = searching.includes(1); changed; halvings++) {
    const theta = point.theta.slice();
    addScaled(theta, step, lengths);
    next = await evaluate(problem, theta, onBlock);
    changed = false;
    for (const [g, t] of lengths.entries()) {
      if (searching[g] === 0) continue;
      const before = point.objectives[g]!;
      const enough = before + SUFFICIENT_DECREASE * t * slope[g]! + 1e-15 * Math.abs(before);
      if (next.objectives[g]! <= enough) searching[g] = 0;
      else {
        changed = true;
        if (halvings === MAX_HALVINGS) searching[g] = 0;
        lengths[g] = halvings === MAX_HALVINGS ? 0 : t / 2;
      }
    }
  }
  return { next, lengths };
}
