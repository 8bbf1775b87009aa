import {
  add,
  addDoubles,
  addPairs,
  advance,
  and,
  assemble,
  type Code,
  fillZero,
  type FunctionCode,
  get,
  i32,
  inFours,
  less,
  loadDouble,
  loadInt,
  loadPair,
  loadSingle,
  loopWhile,
  mul,
  mulDoubles,
  mulPairs,
  set,
  shiftLeft,
  splat,
  storeDouble,
  storePair,
  when,
  ZERO,
} from '../wasm/assembler.js';
import { COLUMN_FUNCTIONS, type ColumnKernels } from './columnKernels.js';

/**
 * The product of a sparse and a dense matrix as a WebAssembly function of two-lane arithmetic, assembled here: about
 * three times as fast as the same loop in JavaScript, and as deterministic (no relaxed instructions).
 */

// Parameters: addresses in bytes, but for the first and the sixth.
const [ROWS, INDPTR, INDICES, VALUES, DENSE, WIDTH, OUT] = [0, 1, 2, 3, 4, 5, 6];
// Local integers, then doubles, then pairs.
const [STRIDE, INDEX, END, VALUE, O, PAIRS_END, LAST] = [7, 8, 9, 10, 11, 12, 13];
const ADDRESS = [14, 15, 16, 17];
const SCALE = [18, 19, 20, 21];
const PAIR = [22, 23, 24, 25];
const [INTEGERS, DOUBLES, PAIRS] = [11, 4, 4];

/** out[row] += Σ of `entries` entries of A times their rows of B. */
function accumulate(entries: number): Code {
  const each = Array.from({ length: entries }, (_, e) => e);
  const sum = (plus: (a: Code, b: Code) => Code, term: (e: number) => Code): Code =>
    each.map(term).reduce(plus);
  const pairs = (count: number): Code => {
    const offsets = Array.from({ length: count }, (_, i) => 16 * i);
    const onePair = (offset: number): Code => {
      const terms = sum(addPairs, (e) => mulPairs(get(PAIR[e]!), loadPair(get(ADDRESS[e]!), offset)));
      return storePair(get(O), addPairs(loadPair(get(O), offset), terms), offset);
    };
    const onwards = [O, ...each.map((e) => ADDRESS[e]!)].flatMap((local) => advance(local, 16 * count));
    return [...offsets.flatMap(onePair), ...onwards];
  };
  return [
    each.flatMap((e) => [
      ...set(ADDRESS[e]!, add(get(DENSE), mul(loadInt(get(INDEX), 4 * e), get(STRIDE)))),
      ...set(SCALE[e]!, loadSingle(get(VALUE), 4 * e)),
      ...set(PAIR[e]!, splat(get(SCALE[e]!))),
    ]),
    set(O, get(OUT)),
    inFours(O, PAIRS_END, 16, pairs),
    when(
      and(get(STRIDE), i32(8)),
      storeDouble(
        get(O),
        addDoubles(
          loadDouble(get(O)),
          sum(addDoubles, (e) => mulDoubles(get(SCALE[e]!), loadDouble(get(ADDRESS[e]!)))),
        ),
      ),
    ),
    advance(INDEX, 4 * entries),
    advance(VALUE, 4 * entries),
  ].flat();
}

/** out = A·B, row by row. */
const matrixBody: Code = [
  set(STRIDE, shiftLeft(get(WIDTH), 3)),
  set(LAST, add(get(INDPTR), shiftLeft(get(ROWS), 2))),
  loopWhile(
    less(get(INDPTR), get(LAST)),
    set(INDEX, add(get(INDICES), shiftLeft(loadInt(get(INDPTR)), 2))),
    set(VALUE, add(get(VALUES), shiftLeft(loadInt(get(INDPTR)), 2))),
    set(END, add(get(INDICES), shiftLeft(loadInt(get(INDPTR), 4), 2))),
    set(PAIRS_END, add(get(OUT), and(get(STRIDE), i32(-16)))),
    fillZero(get(OUT), get(STRIDE)),
    inFours(INDEX, END, 4, accumulate),
    set(OUT, add(get(OUT), get(STRIDE))),
    advance(INDPTR, 4),
  ),
].flat();

/** Sums of `dots`: entries e of A by lanes, so that four sums go at once; local doubles. */
const SUM = [22, 23, 24, 25];

/** SUM[e] += entry e of A times its number of B, for `entries` of them. */
const accumulateDot = (entries: number): Code =>
  [
    ...Array.from({ length: entries }, (_, e) =>
      set(
        SUM[e]!,
        addDoubles(
          get(SUM[e]!),
          mulDoubles(
            loadSingle(get(VALUE), 4 * e),
            loadDouble(add(get(DENSE), shiftLeft(loadInt(get(INDEX), 4 * e), 3))),
          ),
        ),
      ),
    ),
    advance(INDEX, 4 * entries),
    advance(VALUE, 4 * entries),
  ].flat();

/** The same for a B of one column: a scalar product a row. */
const vectorBody: Code = [
  set(LAST, add(get(INDPTR), shiftLeft(get(ROWS), 2))),
  loopWhile(
    less(get(INDPTR), get(LAST)),
    set(INDEX, add(get(INDICES), shiftLeft(loadInt(get(INDPTR)), 2))),
    set(VALUE, add(get(VALUES), shiftLeft(loadInt(get(INDPTR)), 2))),
    set(END, add(get(INDICES), shiftLeft(loadInt(get(INDPTR), 4), 2))),
    ...SUM.map((sum) => set(sum, ZERO)),
    inFours(INDEX, END, 4, accumulateDot),
    storeDouble(get(OUT), addDoubles(addDoubles(get(22), get(23)), addDoubles(get(24), get(25)))),
    advance(OUT, 8),
    advance(INDPTR, 4),
  ),
].flat();

/** B += the row of A, transposed, times the scales at OUT. */
const addRowBody: Code = [
  set(STRIDE, shiftLeft(get(WIDTH), 3)),
  set(INDEX, add(get(INDICES), shiftLeft(loadInt(get(INDPTR)), 2))),
  set(VALUE, add(get(VALUES), shiftLeft(loadInt(get(INDPTR)), 2))),
  set(END, add(get(INDICES), shiftLeft(loadInt(get(INDPTR), 4), 2))),
  set(PAIRS_END, add(get(OUT), and(get(STRIDE), i32(-16)))),
  loopWhile(
    less(get(INDEX), get(END)),
    set(O, get(OUT)),
    set(ADDRESS[0]!, add(get(DENSE), mul(loadInt(get(INDEX)), get(STRIDE)))),
    set(SCALE[0]!, loadSingle(get(VALUE))),
    set(PAIR[0]!, splat(get(SCALE[0]!))),
    loopWhile(
      less(get(O), get(PAIRS_END)),
      storePair(
        get(ADDRESS[0]!),
        addPairs(loadPair(get(ADDRESS[0]!)), mulPairs(get(PAIR[0]!), loadPair(get(O)))),
      ),
      advance(O, 16),
      advance(ADDRESS[0]!, 16),
    ),
    when(
      and(get(STRIDE), i32(8)),
      storeDouble(
        get(ADDRESS[0]!),
        addDoubles(loadDouble(get(ADDRESS[0]!)), mulDoubles(get(SCALE[0]!), loadDouble(get(O)))),
      ),
    ),
    advance(INDEX, 4),
    advance(VALUE, 4),
  ),
].flat();

/** `entries` entries of the row times SCALE, onto their numbers of B. */
const scatter = (entries: number): Code =>
  [
    ...Array.from({ length: entries }, (_, e) => {
      const address = set(ADDRESS[0]!, add(get(DENSE), shiftLeft(loadInt(get(INDEX), 4 * e), 3)));
      const product = mulDoubles(loadSingle(get(VALUE), 4 * e), get(SCALE[0]!));
      const moved = addDoubles(loadDouble(get(ADDRESS[0]!)), product);
      return [...address, ...storeDouble(get(ADDRESS[0]!), moved)];
    }),
    advance(INDEX, 4 * entries),
    advance(VALUE, 4 * entries),
  ].flat();

/** addRow for a B of one column. */
const addVectorBody: Code = [
  set(INDEX, add(get(INDICES), shiftLeft(loadInt(get(INDPTR)), 2))),
  set(VALUE, add(get(VALUES), shiftLeft(loadInt(get(INDPTR)), 2))),
  set(END, add(get(INDICES), shiftLeft(loadInt(get(INDPTR), 4), 2))),
  set(SCALE[0]!, loadDouble(get(OUT))),
  inFours(INDEX, END, 4, scatter),
].flat();

const LOCALS: FunctionCode['locals'] = { integers: INTEGERS, doubles: DOUBLES, pairs: PAIRS };
const ONLY_DOUBLES: FunctionCode['locals'] = { integers: INTEGERS, doubles: DOUBLES + PAIRS, pairs: 0 };
const FUNCTIONS: readonly FunctionCode[] = [
  ...COLUMN_FUNCTIONS,
  { name: 'multiply', parameters: 7, locals: LOCALS, body: matrixBody },
  { name: 'addRow', parameters: 7, locals: LOCALS, body: addRowBody },
  { name: 'multiplyVector', parameters: 7, locals: ONLY_DOUBLES, body: vectorBody },
  { name: 'addVector', parameters: 7, locals: ONLY_DOUBLES, body: addVectorBody },
];

/** Addresses in bytes; the dense matrices are row-major doubles. */
type Kernel = (
  rows: number,
  indptr: number,
  indices: number,
  values: number,
  dense: number,
  width: number,
  out: number,
) => void;

/** The functions, working on one memory. */
export interface Kernels {
  readonly multiply: Kernel;
  readonly addRow: Kernel; // of one row; `out` is read, `dense` changed
  readonly columns: ColumnKernels;
}

let compiled: WebAssembly.Module | undefined;

/** One column has loops of its own, four entries at a time. */
export function kernelsIn(memory: WebAssembly.Memory): Kernels {
  compiled ??= new WebAssembly.Module(assemble(FUNCTIONS));
  const { exports } = new WebAssembly.Instance(compiled, { host: { memory } });
  const either =
    (matrix: Kernel, vector: Kernel): Kernel =>
    (rows, indptr, indices, values, dense, width, out) =>
      (width === 1 ? vector : matrix)(rows, indptr, indices, values, dense, width, out);
  return {
    multiply: either(exports['multiply'] as Kernel, exports['multiplyVector'] as Kernel),
    addRow: either(exports['addRow'] as Kernel, exports['addVector'] as Kernel),
    columns: exports as unknown as ColumnKernels,
  };
}
