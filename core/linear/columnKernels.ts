import {
  add,
  addDoubles,
  addPairs,
  advance,
  and,
  type Code,
  type FunctionCode,
  get,
  i32,
  inFours,
  less,
  loadDouble,
  loadPair,
  loopWhile,
  mulDoubles,
  mulPairs,
  set,
  storeDouble,
  storePair,
  when,
} from '../wasm/assembler.js';

/**
 * Arithmetic on dense matrices by column as WebAssembly functions: each walks up to three matrices of one shape entry by
 * entry, and once a row over a vector with one number a column.
 */

// Parameters: addresses of the matrices and of the vector, bytes of a row, address behind the first matrix.
const [X, Y, Z, COLUMN, STRIDE, LAST] = [0, 1, 2, 3, 4, 5];
const [AT, ROW_END, PAIRS_END] = [6, 7, 8];
const WALKING = [X, Y, Z, AT];
const PAIR_BYTES = 16;

/** One entry, or a pair of neighbours. */
interface Lanes {
  load(local: number): Code;
  store(local: number, value: Code): Code;
  readonly plus: (a: Code, b: Code) => Code;
  readonly times: (a: Code, b: Code) => Code;
}

const pairAt = (offset: number): Lanes => ({
  load: (local) => loadPair(get(local), offset),
  store: (local, value) => storePair(get(local), value, offset),
  plus: addPairs,
  times: mulPairs,
});
const single: Lanes = {
  load: (local) => loadDouble(get(local)),
  store: (local, value) => storeDouble(get(local), value),
  plus: addDoubles,
  times: mulDoubles,
};

function byColumn(name: string, entry: (lanes: Lanes) => Code): FunctionCode {
  const walk = (bytes: number): Code => WALKING.flatMap((local) => advance(local, bytes));
  const pairs = (count: number): Code =>
    [
      ...Array.from({ length: count }, (_, i) => entry(pairAt(i * PAIR_BYTES))),
      walk(count * PAIR_BYTES),
    ].flat();
  const body = [
    set(ROW_END, add(get(COLUMN), get(STRIDE))),
    set(PAIRS_END, add(get(COLUMN), and(get(STRIDE), i32(-PAIR_BYTES)))),
    loopWhile(
      less(get(X), get(LAST)),
      set(AT, get(COLUMN)),
      inFours(AT, PAIRS_END, PAIR_BYTES, pairs),
      when(less(get(AT), get(ROW_END)), entry(single), walk(8)),
    ),
  ].flat();
  return { name, parameters: 6, locals: { integers: 3, doubles: 0, pairs: 0 }, body };
}

export const COLUMN_FUNCTIONS: readonly FunctionCode[] = [
  // column += X·Y
  byColumn('dots', ({ load, store, plus, times }) => store(AT, plus(load(AT), times(load(X), load(Y))))),
  // column += X²·Y
  byColumn('squares', ({ load, store, plus, times }) =>
    store(AT, plus(load(AT), times(times(load(X), load(X)), load(Y)))),
  ),
  // Y += column·X
  byColumn('addScaled', ({ load, store, plus, times }) => store(Y, plus(load(Y), times(load(AT), load(X))))),
  // Z = X·Y + column·Z
  byColumn('turn', ({ load, store, plus, times }) =>
    store(Z, plus(times(load(X), load(Y)), times(load(AT), load(Z)))),
  ),
  // X += column
  byColumn('addToRows', ({ load, store, plus }) => store(X, plus(load(X), load(AT)))),
  // column += X
  byColumn('sumRows', ({ load, store, plus }) => store(AT, plus(load(AT), load(X)))),
];

/** Addresses and sizes in bytes; what a function does not read may be 0. */
export type ColumnKernel = (
  x: number,
  y: number,
  z: number,
  column: number,
  stride: number,
  last: number,
) => void;

/** All functions of {@link COLUMN_FUNCTIONS}. */
export type ColumnKernels = Readonly<
  Record<'dots' | 'squares' | 'addScaled' | 'turn' | 'addToRows' | 'sumRows', ColumnKernel>
>;
