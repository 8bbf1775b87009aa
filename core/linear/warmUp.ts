import { seeded } from '../random.js';
import { type LinearProblem, penaltiesOf } from './problem.js';

const MAX_EPOCHS = 12;
const STILL = 0.005; // stops when a row's dual variables move less than this in an epoch, on average
/** Neighbours that go one after the other: a matrix larger than the processor's cache is read a quarter to a half faster. */
const RUN = 4;
const LEAST_CURVATURE = 0.05;
const LOOSE = 0.01; // from this tolerance on, a fit may end here
const CLOSE = 1e-5; // below this χ², no logarithm is needed
const CONSTANT = 0.3; // the constant feature whose weight is the intercept; small: rows stay nearly orthogonal

export interface WarmUpSettings {
  /** Of the fit. */
  readonly tolerance: number;
  /** Called before every epoch; may throw. */
  readonly onEpoch: () => void;
}

// What an epoch adds up over the rows, each as it was met (the end of the epoch is nearer to the optimum): absolute steps
// of the dual variables; at least the gap between the objective and its dual; at most the loss. An array, since numbers
// in objects, and those that go from call to call, are allocated one by one.
const [MOVED, GAP, LOSS] = [0, 1, 2] as const;

/**
 * Improves parameters that have only an intercept by a few epochs of dual coordinate ascent, in place: a row at a time,
 * a Newton step on its dual variables αᵢ = y − p, with W = Σ sᵢ·xᵢ·αᵢ/λ kept. An epoch costs what one product with the
 * Hessian does; the optimum is left to Newton's method, which also frees the intercept of the penalty that it has here.
 *
 * Where the tolerance is a hundredth or more, epochs go on until the gap to the dual says that the objective is within it.
 *
 * @returns whether the gap says so; always false for smaller tolerances
 * @source Shalev-Shwartz & Zhang, Stochastic dual coordinate ascent methods, JMLR 14 (2013); Yu, Huang & Lin, Dual
 *   coordinate descent methods for logistic regression and maximum entropy models, Machine Learning 85 (2011)
 */
export function warmUp(
  problem: LinearProblem,
  theta: Float64Array,
  { tolerance, onEpoch }: WarmUpSettings,
): boolean {
  const { matrix, buffers } = problem;
  const random = seeded(0, 'linear warm-up');
  const order = new Int32Array(matrix.rows);
  const curvatures = rowCurvatures(problem);
  const tally = new Float64Array(3);
  const isLoose = tolerance >= LOOSE;
  const run = isLoose ? RUN : 1; // tight fits keep the order, and so the bits, that they have always had
  const starts = Int32Array.from({ length: Math.ceil(order.length / run) }, (_, i) => i * run);
  let isWithin = false;
  buffers.change.fill(0); // the dual variables
  buffers.theta.set(theta);
  for (let epoch = 0; epoch < MAX_EPOCHS; epoch++) {
    onEpoch();
    layOut(random.shuffle(starts), run, order);
    tally.fill(0);
    for (let i = 0; i < order.length; i++) ascend(problem, order[i]!, curvatures, tally, isLoose);
    isWithin = isLoose && tally[GAP]! <= tolerance * (tally[LOSS]! + penaltiesOf(problem, 1)[0]!);
    if (isLoose ? isWithin : tally[MOVED]! <= STILL * matrix.rows) break;
  }
  theta.set(buffers.theta);
  return isWithin;
}

/** Rows by runs of neighbours, the runs in the order of their starts. */
function layOut(starts: Int32Array, run: number, order: Int32Array): void {
  let next = 0;
  for (let i = 0; i < starts.length; i++) {
    const end = Math.min(starts[i]! + run, order.length);
    for (let row = starts[i]!; row < end; row++) order[next++] = row;
  }
}

/** ‖xᵢ‖²·sᵢ/λ, the constant feature included. */
function rowCurvatures({ matrix, shares, penalty }: LinearProblem): Float64Array {
  const { indptr, values } = matrix;
  const curvatures = new Float64Array(matrix.rows);
  for (let row = 0; row < curvatures.length; row++) {
    let square = CONSTANT ** 2;
    for (let p = indptr[row]!; p < indptr[row + 1]!; p++) square += values[p]! ** 2;
    curvatures[row] = (square * shares[row]!) / penalty;
  }
  return curvatures;
}

/** Moves one row's dual variables and the parameters with them; judges them as they were where that is asked for. */
function ascend(
  problem: LinearProblem,
  row: number,
  curvatures: Float64Array,
  tally: Float64Array,
  judges: boolean,
): void {
  const { matrix, width, shares, penalty, workspace, buffers, link } = problem;
  const { theta, change: dual, image: delta } = buffers;
  const intercept = matrix.cols * width;
  workspace.multiplyRow(matrix, row, theta, width, delta);
  for (let k = 0; k < width; k++) delta[k]! += theta[intercept + k]!;
  if (link === 'softmax') {
    softmaxProbabilities(delta, width);
    if (judges) judgeSoftmax(problem, row, tally);
    softmaxStep(problem, row, curvatures);
  } else {
    sigmoidProbabilities(delta, width);
    if (judges) judgeSigmoid(problem, row, tally);
    sigmoidSteps(problem, row, curvatures);
  }
  const scale = shares[row]! / penalty;
  let moved = 0;
  for (let k = 0; k < width; k++) {
    const step = delta[k]!;
    dual[row * width + k]! += step;
    moved += Math.abs(step);
    delta[k] = scale * step;
    theta[intercept + k]! += CONSTANT ** 2 * delta[k]!;
  }
  tally[MOVED]! += moved;
  workspace.addRow(matrix, row, delta, width, theta);
}

function sigmoidProbabilities(z: Float64Array, width: number): void {
  for (let k = 0; k < width; k++) {
    const e = Math.exp(-Math.abs(z[k]!));
    z[k] = (z[k]! > 0 ? 1 : e) / (1 + e);
  }
}

function softmaxProbabilities(z: Float64Array, width: number): void {
  let largest = -Infinity;
  for (let k = 0; k < width; k++) largest = Math.max(largest, z[k]!);
  let sum = 0;
  for (let k = 0; k < width; k++) sum += z[k] = Math.exp(z[k]! - largest);
  for (let k = 0; k < width; k++) z[k]! /= sum;
}

/**
 * A row's part of the gap is KL(q‖p), q = y − α the probabilities that the dual variables stand for; its loss is at least
 * |y − p|. One logarithm an entry at most: log(1 + x) ≤ x does for the other side.
 */
function judgeSigmoid(
  { buffers, targets, shares, width }: LinearProblem,
  row: number,
  tally: Float64Array,
): void {
  const { image: p, change: dual } = buffers;
  const positive = width === 1 ? targets[row]! - 1 : targets[row]!; // column whose label is 1; none: −1
  let [gap, loss] = [0, 0];
  for (let k = 0; k < width; k++) {
    // Mirrored where needed, so that a is the smaller side.
    const isMirrored = p[k]! > 0.5;
    const a = isMirrored ? 1 - p[k]! : p[k]!;
    const isRight = (positive === k) === isMirrored;
    const alpha = Math.abs(dual[row * width + k]!);
    const q = isRight ? alpha : 1 - alpha;
    const d = q - a;
    loss += isRight ? a : 1 - a;
    gap += d * d < CLOSE * a ? (d * d) / (a * (1 - a)) : relative(q, a) - ((1 - q) * d) / (1 - a);
  }
  tally[GAP]! += shares[row]! * gap;
  tally[LOSS]! += shares[row]! * loss;
}

/** The same for a row whose probabilities sum to 1. */
function judgeSoftmax(
  { buffers, targets, shares, width }: LinearProblem,
  row: number,
  tally: Float64Array,
): void {
  const { image: p, change: dual } = buffers;
  const target = targets[row]!;
  let gap = 0;
  for (let k = 0; k < width; k++) {
    const q = (k === target ? 1 : 0) - dual[row * width + k]!;
    const d = q - p[k]!;
    gap += d * d < CLOSE * p[k]! ? (d * d) / p[k]! : relative(q, p[k]!) - d;
  }
  tally[GAP]! += shares[row]! * gap;
  tally[LOSS]! += shares[row]! * (1 - p[target]!);
}

/** q·log(q/p) */
const relative = (q: number, p: number): number => (q > 0 ? q * Math.log(q / p) : 0);

/** Probabilities in, steps of the dual variables out: each column by itself. */
function sigmoidSteps(
  { buffers, targets, width }: LinearProblem,
  row: number,
  curvatures: Float64Array,
): void {
  const { image: p, change: dual } = buffers;
  const target = targets[row]!;
  const curvature = curvatures[row]!;
  for (let k = 0; k < width; k++) {
    const label = target === (width === 1 ? 1 : k) ? 1 : 0;
    const slope = Math.max(p[k]! * (1 - p[k]!), LEAST_CURVATURE);
    p[k] = (label - p[k]! - dual[row * width + k]!) / (1 + curvature * slope);
  }
}

/** The same for all columns together, along the direction y − p − α. */
function softmaxStep(
  { buffers, targets, width }: LinearProblem,
  row: number,
  curvatures: Float64Array,
): void {
  const { image: p, change: dual } = buffers;
  const target = targets[row]!;
  let [mean, meanSquare, square] = [0, 0, 0];
  for (let k = 0; k < width; k++) {
    const direction = (k === target ? 1 : 0) - p[k]! - dual[row * width + k]!;
    mean += p[k]! * direction;
    meanSquare += p[k]! * direction * direction;
    square += direction * direction;
    p[k] = direction;
  }
  const along = square > 0 ? (meanSquare - mean * mean) / square : 0;
  const length = 1 / (1 + curvatures[row]! * Math.max(along, LEAST_CURVATURE));
  for (let k = 0; k < width; k++) p[k]! *= length;
}
