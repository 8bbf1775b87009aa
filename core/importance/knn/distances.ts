import type { DenseMatrix } from '../../../contracts/matrix.js';
import {
  add,
  addPairs,
  advance,
  assemble,
  get,
  i32,
  less,
  loadPair,
  loopWhile,
  mul,
  mulPairs,
  set,
  storeDouble,
  subtractPairs,
  sumOfPair,
  ZERO_PAIR,
  type Code,
} from '../../wasm/assembler.js';

/**
 * Squared Euclidean distances of `count` (at most {@link POINTS_AT_ONCE}) rows of the points, from row `first` on, to
 * every row of the rows: (count, n), valid until the next call.
 */
export type SquaredDistances = (first: number, count: number) => readonly Float64Array[];

/** Points that one pass over the rows serves. */
export const POINTS_AT_ONCE = 4;

const LANES = 4; // numbers that the loop reads at once: rows are padded to a multiple
const PAGE = 65_536;
const MOST_PAGES = 60_000; // of the 65,536 that a 32-bit address reaches

/**
 * In WebAssembly where the rows fit into its memory; elsewhere by plain loops, equal but for rounding.
 *
 * @throws RangeError where the widths differ
 */
export function squaredDistances(rows: DenseMatrix, points: DenseMatrix): SquaredDistances {
  if (rows.cols !== points.cols) {
    throw new RangeError(`expected points of ${rows.cols} features, got ${points.cols}`);
  }
  const width = Math.ceil(rows.cols / LANES) * LANES;
  const bytes = 8 * (width * (rows.rows + POINTS_AT_ONCE) + POINTS_AT_ONCE * rows.rows);
  const pages = Math.ceil(bytes / PAGE) + 1;
  return pages > MOST_PAGES ? plainDistances(rows, points) : kernelDistances(rows, points, width, pages);
}

function kernelDistances(
  rows: DenseMatrix,
  points: DenseMatrix,
  width: number,
  pages: number,
): SquaredDistances {
  const memory = new WebAssembly.Memory({ initial: pages });
  compiled ??= new WebAssembly.Module(assemble([KERNEL]));
  const { exports } = new WebAssembly.Instance(compiled, { host: { memory } });
  const kernel = exports[KERNEL.name] as (...addresses: number[]) => void;
  const n = rows.rows;
  const bytes = 8 * width;
  const matrix = new Float64Array(memory.buffer, POINTS_AT_ONCE * bytes, n * width);
  for (let i = 0; i < n; i++) matrix.set(rows.values.subarray(i * rows.cols, (i + 1) * rows.cols), i * width);
  const out = matrix.byteOffset + matrix.byteLength;
  const distances = Array.from(
    { length: POINTS_AT_ONCE },
    (_, p) => new Float64Array(memory.buffer, out + 8 * n * p, n),
  );
  const held = new Float64Array(memory.buffer, 0, POINTS_AT_ONCE * width);
  return (first, count) => {
    for (let p = 0; p < count; p++) {
      held.set(points.values.subarray((first + p) * points.cols, (first + p + 1) * points.cols), p * width);
    }
    kernel(out, POINTS_AT_ONCE * bytes, 0, bytes, 2 * bytes, 3 * bytes, bytes, out, 8 * n);
    return distances.slice(0, count);
  };
}

// Parameters: addresses in bytes, the bytes of a row, and those of a point's distances.
const [END, ROW, , , , , BYTES, OUT, STRIDE] = [0, 1, 2, 3, 4, 5, 6, 7, 8];
const POINT = [2, 3, 4, 5];
// A local integer, then pairs.
const [J, X, DIFFERENCE] = [9, 10, 11];
const SUM = [12, 13, 14, 15];

/** SUM[p] += (x − point p)², for two numbers. */
const accumulate = (offset: number): Code => [
  ...set(X, loadPair(add(get(ROW), get(J)), offset)),
  ...POINT.flatMap((point, p) => [
    ...set(DIFFERENCE, subtractPairs(get(X), loadPair(add(get(point), get(J)), offset))),
    ...set(SUM[p]!, addPairs(get(SUM[p]!), mulPairs(get(DIFFERENCE), get(DIFFERENCE)))),
  ]),
];

const KERNEL = {
  name: 'distances',
  parameters: 9,
  locals: { integers: 1, doubles: 0, pairs: 6 },
  body: loopWhile(
    less(get(ROW), get(END)),
    ...SUM.map((sum) => set(sum, ZERO_PAIR)),
    set(J, i32(0)),
    loopWhile(less(get(J), get(BYTES)), accumulate(0), accumulate(16), advance(J, 32)),
    ...SUM.map((sum, p) => storeDouble(add(get(OUT), mul(get(STRIDE), i32(p))), sumOfPair(get(sum)))),
    advance(OUT, 8),
    set(ROW, add(get(ROW), get(BYTES))),
  ),
};

let compiled: WebAssembly.Module | undefined;

/** The same without WebAssembly. */
export function plainDistances({ rows, cols, values }: DenseMatrix, points: DenseMatrix): SquaredDistances {
  const distances = Array.from({ length: POINTS_AT_ONCE }, () => new Float64Array(rows));
  return (first, count) => {
    for (let p = 0; p < count; p++) {
      const at = (first + p) * cols;
      for (let i = 0; i < rows; i++) {
        let sum = 0;
        for (let j = 0; j < cols; j++) sum += (values[i * cols + j]! - points.values[at + j]!) ** 2;
        distances[p]![i] = sum;
      }
    }
    return distances.slice(0, count);
  };
}
