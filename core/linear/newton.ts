import { DivergedError } from '../../contracts/errors.js';
import { newtonDirection } from './conjugateGradient.js';
import { probabilities, residuals } from './links.js';
import { backward, forward, groupsOf, type LinearProblem, penaltiesOf, weightsOf } from './problem.js';
import { addScaled, maxima } from './vectors.js';

export interface NewtonSettings {
  /** A group is done after a step that promises to lower its objective by no more than this share. */
  readonly tolerance: number;
  readonly open: Uint8Array; // groups that are not done
  /** Called before every product with the Hessian; may throw to stop. */
  readonly onProduct?: () => void;
}

/** What one iteration found at the parameters it started from. */
export interface NewtonReport {
  readonly objective: number; // summed over groups
  readonly gradient: number; // largest absolute derivative
  readonly open: Uint8Array; // groups that are not done
  readonly moved: boolean; // false: no step lowers the objective, parameters are as they were
}

export const RELATIVE_RESIDUAL = 0.25; // of the gradient, in the preconditioner's norm
export const MAX_PRODUCTS = 200;
export const SUFFICIENT_DECREASE = 1e-4;
export const MAX_HALVINGS = 40;

/**
 * One iteration of Newton's method with conjugate gradients and a backtracking line search, in place. It depends on
 * nothing but its arguments: restoring `theta` is restoring the solver.
 *
 * @throws DivergedError if the objective is not finite
 * @source Lin, Weng & Keerthi, Trust region Newton method for large-scale logistic regression, JMLR 9 (2008);
 *   Galli & Lin, A study on truncated Newton methods for linear classification, IEEE TNNLS 33 (2022)
 */
export function newtonIteration(
  problem: LinearProblem,
  theta: Float64Array,
  { tolerance, open, onProduct = () => undefined }: NewtonSettings,
): NewtonReport {
  const groups = groupsOf(problem);
  const { buffers } = problem;
  const objectives = objectivesAt(problem, theta);
  const objective = objectives.reduce((sum, value) => sum + value, 0);
  if (!Number.isFinite(objective)) {
    throw new DivergedError(`loss is ${objective}: look for infinite feature values, or lower C`);
  }
  residuals(problem, buffers.p, buffers.work);
  backward(problem, buffers.work, buffers.theta, buffers.gradient);
  const norms = new Float64Array(groups);
  maxima(buffers.gradient, norms);
  newtonDirection(problem, open, {
    relativeResidual: RELATIVE_RESIDUAL,
    maxProducts: MAX_PRODUCTS,
    onProduct,
  });
  const promised = new Float64Array(groups);
  problem.workspace.vectors.dots(buffers.gradient, buffers.step, promised);
  const steps = searchAlong(problem, objectives);
  addScaled(theta, buffers.step, steps);
  return {
    objective,
    gradient: Math.max(...norms),
    open: Uint8Array.from(steps, (length, g) =>
      Number(length > 0 && -promised[g]! / 2 > tolerance * objectives[g]!),
    ),
    moved: steps.some((length) => length > 0),
  };
}

/** The objective by group; leaves logits and probabilities in the problem's buffers. */
export function objectivesAt(problem: LinearProblem, theta: Float64Array): Float64Array {
  const { buffers } = problem;
  const objectives = new Float64Array(groupsOf(problem));
  buffers.theta.set(theta);
  forward(problem, buffers.theta, buffers.z);
  buffers.p.set(buffers.z);
  probabilities(problem, buffers.p, objectives);
  const penalties = penaltiesOf(problem, objectives.length);
  return objectives.map((loss, g) => loss + penalties[g]!);
}

/** Step lengths by group along `step`: the first of 1, ½, ¼ … that decreases the objective enough; 0 if none does. */
function searchAlong(problem: LinearProblem, objectives: Float64Array): Float64Array {
  const { penalty, buffers, workspace } = problem;
  const { gradient, step, z, change, image } = buffers;
  const { dots, addScaled: move } = workspace.vectors;
  const groups = objectives.length;
  const [weights, steps] = [weightsOf(problem, buffers.theta), weightsOf(problem, step)];
  const [slope, cross, square] = [0, 1, 2].map(() => new Float64Array(groups)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const norm = new Float64Array(groups);
  dots(gradient, step, slope);
  dots(weights, steps, cross);
  dots(steps, steps, square);
  dots(weights, weights, norm);
  const lengths = new Float64Array(groups).map((_, g) => (slope[g]! < 0 ? 1 : 0));
  const searching = Uint8Array.from(lengths, (length) => Number(length > 0));
  const losses = new Float64Array(groups);
  for (let halvings = 0; searching.includes(1); halvings++) {
    image.set(z);
    move(image, change, lengths);
    probabilities(problem, image, losses);
    for (let g = 0; g < groups; g++) {
      if (searching[g] === 0) continue;
      const t = lengths[g]!;
      const found = losses[g]! + 0.5 * penalty * (norm[g]! + 2 * t * cross[g]! + t * t * square[g]!);
      const rounding = 1e-15 * Math.abs(objectives[g]!);
      if (found <= objectives[g]! + SUFFICIENT_DECREASE * t * slope[g]! + rounding) searching[g] = 0;
      else if (halvings === MAX_HALVINGS) lengths[g] = searching[g] = 0;
      else lengths[g] = t / 2;
    }
  }
  return lengths;
}
