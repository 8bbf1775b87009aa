import type { BlockMatrix, CsrMatrix } from '../../contracts/matrix.js';
import { curvature, curvatureDiagonal, probabilities, residuals } from './links.js';
import { addTransposed, multiply } from './multiply.js';
import { groupsOf, type ProblemRows, type ProblemShape, sizeOf, weightsOf } from './problem.js';
import { addToRows, dots } from './vectors.js';

/**
 * A {@link LinearProblem} over rows that come as blocks. Of a row nothing is kept but its target and its share: all else is
 * worked out anew in each pass. Rows of weight 0 have the share 0.
 */
export interface BlockProblem extends ProblemShape {
  readonly matrix: BlockMatrix;
  readonly penalty: number; // λ
}

/** Called before every block; may throw to stop. */
export type OnBlock = () => Promise<void>;

/** What a pass over all rows finds at some parameters. */
export interface Point {
  readonly theta: Float64Array;
  readonly objectives: Float64Array; // by group
  readonly gradient: Float64Array; // (size,)
  readonly diagonal: Float64Array; // (size,), of the Hessian
}

/** Objective, gradient and the Hessian's diagonal, in one pass. Sums are taken in the order of rows. */
export async function evaluate(problem: BlockProblem, theta: Float64Array, onBlock: OnBlock): Promise<Point> {
  const { width, penalty } = problem;
  const groups = groupsOf(problem);
  const [objectives, losses] = [new Float64Array(groups), new Float64Array(groups)];
  const [gradient, diagonal] = [new Float64Array(sizeOf(problem)), new Float64Array(sizeOf(problem))];
  await eachBlock(problem, onBlock, (block, rows) => {
    const p = forwardBlock(block, theta, width);
    probabilities(rows, p, losses);
    losses.forEach((loss, g) => (objectives[g]! += loss));
    const work = new Float64Array(p.length);
    residuals(rows, p, work);
    addBackward(block, work, width, gradient);
    curvatureDiagonal(rows, p, work);
    const squares = block.values.map((value) => value * value);
    addBackward({ ...block, values: squares }, work, width, diagonal);
  });
  const weights = weightsOf(problem, theta);
  addPenalty(problem, theta, gradient);
  weightsOf(problem, diagonal).forEach((value, i) => (diagonal[i] = value + penalty));
  dots(weights, weights, losses);
  losses.forEach((square, g) => (objectives[g]! += 0.5 * penalty * square));
  return { theta, objectives, gradient, diagonal };
}

/** The Hessian at some parameters times a direction, in one pass. */
export async function hessianTimes(
  problem: BlockProblem,
  theta: Float64Array,
  direction: Float64Array,
  onBlock: OnBlock,
): Promise<Float64Array> {
  const { width } = problem;
  const product = new Float64Array(sizeOf(problem));
  const losses = new Float64Array(groupsOf(problem));
  const both = interleaved(theta, direction, width);
  await eachBlock(problem, onBlock, (block, rows) => {
    const [p, image] = parted(forwardBlock(block, both, 2 * width), width);
    probabilities(rows, p, losses);
    const work = new Float64Array(p.length);
    curvature(rows, p, image, work);
    addBackward(block, work, width, product);
  });
  addPenalty(problem, direction, product);
  return product;
}

async function eachBlock(
  { matrix, targets, shares, width, link }: BlockProblem,
  onBlock: OnBlock,
  visit: (block: CsrMatrix, rows: ProblemRows) => void,
): Promise<void> {
  let from = 0;
  for (const [index, length] of matrix.blockRows.entries()) {
    await onBlock();
    const to = from + length;
    visit(matrix.read(index), {
      targets: targets.subarray(from, to),
      shares: shares.subarray(from, to),
      width,
      link,
    });
    from = to;
  }
}

/** X·W + b of a block, (rows × width). */
function forwardBlock(block: CsrMatrix, theta: Float64Array, width: number): Float64Array {
  const z = new Float64Array(block.rows * width);
  multiply(block, theta, width, z);
  addToRows(z, theta.subarray(block.cols * width));
  return z;
}

/** out += Xᵀ·R for W, the sums of R's columns for b. */
function addBackward(block: CsrMatrix, r: Float64Array, width: number, out: Float64Array): void {
  addTransposed(block, r, width, out);
  const intercept = block.cols * width;
  for (let at = 0; at < r.length; at += width) {
    for (let k = 0; k < width; k++) out[intercept + k]! += r[at + k]!;
  }
}

function addPenalty(problem: BlockProblem, theta: Float64Array, out: Float64Array): void {
  weightsOf(problem, theta).forEach((weight, i) => (out[i]! += problem.penalty * weight));
}

/** Rows of two matrices of one width side by side: one walk over a block reads both. */
function interleaved(a: Float64Array, b: Float64Array, width: number): Float64Array {
  const both = new Float64Array(2 * a.length);
  for (let at = 0; at < a.length; at += width) {
    for (let k = 0; k < width; k++) {
      both[2 * at + k] = a[at + k]!;
      both[2 * at + width + k] = b[at + k]!;
    }
  }
  return both;
}

function parted(both: Float64Array, width: number): [Float64Array, Float64Array] {
  const [a, b] = [new Float64Array(both.length / 2), new Float64Array(both.length / 2)];
  for (let at = 0; at < a.length; at += width) {
    for (let k = 0; k < width; k++) {
      a[at + k] = both[2 * at + k]!;
      b[at + k] = both[2 * at + width + k]!;
    }
  }
  return [a, b];
}
