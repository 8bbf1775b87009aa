import type { CsrMatrix } from '../../contracts/matrix.js';
import { selectRows, transpose } from '../sparse.js';
import { newWorkspace, placedBytes, type Workspace } from './workspace.js';

/** How logits become probabilities: all columns of a row together, or each by itself. */
export type Link = 'softmax' | 'sigmoid';

/**
 * A weighted, L2-regularised logistic regression: minimise over θ
 * Σᵢ sᵢ ℓ(zᵢ, yᵢ) + ½λ‖W‖², z = X·W + b, sᵢ = wᵢ/Σw, λ = 1/(C·Σw). The intercept b is not penalised.
 * θ holds W (d × q, row-major: the columns of a feature are neighbours), then b (q).
 */
export interface LinearProblem {
  readonly matrix: CsrMatrix; // (n, d), rows of positive weight only
  /** Made when first asked for: a fit that ends in its warm-up needs none. */
  readonly turned: () => Turned;
  readonly targets: Int32Array; // (n,), in [0, max(2, width))
  readonly shares: Float64Array; // (n,), sᵢ, sum 1
  readonly width: number; // q, columns of logits; 1 = two classes, the logit of class 1
  readonly link: Link;
  readonly penalty: number; // λ
  readonly workspace: Workspace; // where the matrices and buffers live; release it after the fit
  readonly buffers: Buffers;
}

/** What losses and intercepts need of a problem. */
export type ProblemRows = Pick<LinearProblem, 'targets' | 'shares' | 'width' | 'link'>;

/** What parameters need of one. */
export interface ProblemShape extends ProblemRows {
  readonly matrix: { readonly cols: number };
}

/** The matrix by columns. */
export interface Turned {
  readonly transposed: CsrMatrix; // (d, n)
  readonly squared: CsrMatrix; // (d, n), the squares of its values
}

/** Scratch vectors, used again in every iteration. */
export interface Buffers {
  readonly z: Float64Array; // (n × q), like the next four
  readonly p: Float64Array;
  readonly image: Float64Array;
  readonly work: Float64Array;
  readonly change: Float64Array;
  readonly theta: Float64Array; // (size,), like all below
  readonly gradient: Float64Array;
  readonly inverse: Float64Array;
  readonly step: Float64Array;
  readonly residual: Float64Array;
  readonly direction: Float64Array;
  readonly product: Float64Array;
}

/** Leaves out rows of weight 0, so that they are absent to the last bit, and scales weights to sum 1. */
export function newProblem(
  matrix: CsrMatrix,
  targets: Int32Array,
  weights: Float64Array,
  C: number,
  link: Link,
  width: number,
): LinearProblem {
  const present = positive(weights);
  const rows = present.length === matrix.rows ? matrix : selectRows(matrix, present);
  let total = 0;
  for (let i = 0; i < present.length; i++) total += weights[present[i]!]!;
  const [perRow, perParameter] = [rows.rows * width, (rows.cols + 1) * width];
  const turnedBytes = placedBytes({ rows: rows.cols, values: rows.values });
  const bytes = 5 * (8 * perRow + 16) + 7 * (8 * perParameter + 16) + placedBytes(rows) + 2 * turnedBytes;
  const workspace = newWorkspace(bytes, width);
  return {
    matrix: workspace.place(rows),
    turned: once(() => {
      const transposed = workspace.place(transpose(rows));
      return { transposed, squared: workspace.squareOf(transposed) };
    }),
    targets: present.map((row) => targets[row]!),
    shares: new Float64Array(present).map((row) => weights[row]! / total),
    width,
    link,
    penalty: 1 / (C * total),
    workspace,
    buffers: newBuffers(workspace, perRow, perParameter),
  };
}

/** Indices of positive values. */
function positive(values: Float64Array): Int32Array {
  const indices = new Int32Array(values.length);
  let count = 0;
  for (let i = 0; i < values.length; i++) if (values[i]! > 0) indices[count++] = i;
  return indices.subarray(0, count);
}

function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}

function newBuffers(workspace: Workspace, perRow: number, perParameter: number): Buffers {
  const [row, parameter] = [() => workspace.vector(perRow), () => workspace.vector(perParameter)];
  return {
    z: row(),
    p: row(),
    image: row(),
    work: row(),
    change: row(),
    theta: parameter(),
    gradient: parameter(),
    inverse: parameter(),
    step: parameter(),
    residual: parameter(),
    direction: parameter(),
    product: parameter(),
  };
}

/** Parameters of which each group is a problem of its own: one for softmax, every column for sigmoid. */
export const groupsOf = ({ link, width }: Pick<LinearProblem, 'link' | 'width'>): number =>
  link === 'softmax' ? 1 : width;

/** Number of parameters. */
export const sizeOf = ({ matrix, width }: ProblemShape): number => (matrix.cols + 1) * width;

/** The part of parameters that is penalised: all but the intercept. Shared memory. */
export const weightsOf = ({ matrix, width }: ProblemShape, parameters: Float64Array): Float64Array =>
  parameters.subarray(0, matrix.cols * width);

/** ½λ‖W‖² of the parameters in the problem's buffers, by so many groups. */
export function penaltiesOf(problem: LinearProblem, groups: number): Float64Array {
  const weights = weightsOf(problem, problem.buffers.theta);
  const squares = new Float64Array(groups);
  problem.workspace.vectors.dots(weights, weights, squares);
  return squares.map((square) => 0.5 * problem.penalty * square);
}

/** z = X·W + b, (n × q). Both arrays are of the problem's workspace. */
export function forward(
  { matrix, width, workspace }: LinearProblem,
  theta: Float64Array,
  z: Float64Array,
): void {
  workspace.multiply(matrix, theta, width, z);
  workspace.vectors.addToRows(z, theta.subarray(matrix.cols * width));
}

/** out = Xᵀ·R for W, the sums of R's columns for b; then + λ·θ on W. All arrays are of the workspace. */
export function backward(
  problem: LinearProblem,
  r: Float64Array,
  theta: Float64Array,
  out: Float64Array,
): void {
  const { turned, width, penalty, workspace } = problem;
  const { transposed } = turned();
  workspace.multiply(transposed, r, width, out);
  workspace.vectors.addScaled(weightsOf(problem, out), weightsOf(problem, theta), Float64Array.of(penalty));
  workspace.vectors.sumRows(r, out.subarray(transposed.rows * width));
}

/** Intercepts that give the classes' shares, without any feature: where a fit starts. */
export function priorParameters(problem: ProblemShape): Float64Array {
  const { matrix, targets, shares, width, link } = problem;
  const theta = new Float64Array(sizeOf(problem));
  const mass = new Float64Array(Math.max(2, width));
  for (let i = 0; i < targets.length; i++) mass[targets[i]!]! += shares[i]!;
  const intercept = theta.subarray(matrix.cols * width);
  for (let k = 0; k < width; k++) {
    const share = mass[width === 1 ? 1 : k]!;
    intercept[k] = link === 'softmax' ? Math.log(share) : Math.log(share / (1 - share));
  }
  return theta;
}
