import {
  add,
  addPairs,
  advance,
  assemble,
  get,
  i32,
  inFours,
  less,
  loadByte,
  loadInt,
  loadPair,
  loopWhile,
  set,
  shiftLeft,
  storeInt,
  storePair,
  subtract,
  type Code,
  type FunctionCode,
} from '../wasm/assembler.js';

/** Where a boosted tree's arrays live, and the two loops that take its time. */
export interface TreeMemory {
  doubles(length: number): Float64Array;
  integers(length: number): Int32Array;
  bytes(length: number): Uint8Array;
  /** histogram[first + codes[column + row]] += a pair of `pairs`, for each of rows[from … to) in turn. */
  addColumn(
    histogram: Float64Array,
    first: number,
    codes: Uint8Array,
    column: number,
    rows: Int32Array,
    from: number,
    to: number,
    pairs: Float64Array,
  ): void;
  /**
   * Brings rows whose code has a 1 in `sides` (256,) to the front of rows[from … to), in order; `held` is scratch.
   * Returns where the others begin.
   */
  partition(
    rows: Int32Array,
    from: number,
    to: number,
    codes: Uint8Array,
    column: number,
    sides: Uint8Array,
    held: Int32Array,
  ): number;
}

const PAGE = 65_536;
const MOST_PAGES = 60_000; // of the 65,536 that a 32-bit address reaches
const ALIGNED = 16;

/** Memory for arrays of so many bytes together, and as many arrays; by plain loops where WebAssembly can't hold them. */
export function treeMemory(bytes: number, arrays: number): TreeMemory {
  const pages = Math.ceil((bytes + ALIGNED * (arrays + 1)) / PAGE) + 1;
  return pages > MOST_PAGES ? plainMemory : kernelMemory(pages);
}

let compiled: WebAssembly.Module | undefined;

function kernelMemory(pages: number): TreeMemory {
  const memory = new WebAssembly.Memory({ initial: pages });
  compiled ??= new WebAssembly.Module(assemble([ADD_COLUMN, PARTITION]));
  const { exports } = new WebAssembly.Instance(compiled, { host: { memory } });
  const addColumn = exports[ADD_COLUMN.name] as (...addresses: number[]) => void;
  const partition = exports[PARTITION.name] as (...addresses: number[]) => void;
  const result = new Int32Array(memory.buffer, 0, 1);
  let next = ALIGNED;
  const claim = (size: number): number => {
    const at = next;
    next = Math.ceil((at + size) / ALIGNED) * ALIGNED;
    return at;
  };
  return {
    doubles: (length) => new Float64Array(memory.buffer, claim(8 * length), length),
    integers: (length) => new Int32Array(memory.buffer, claim(4 * length), length),
    bytes: (length) => new Uint8Array(memory.buffer, claim(length), length),
    addColumn(histogram, first, codes, column, rows, from, to, pairs) {
      const [start, end] = [rows.byteOffset + 4 * from, rows.byteOffset + 4 * to];
      addColumn(start, end, codes.byteOffset + column, pairs.byteOffset, histogram.byteOffset + 16 * first);
    },
    partition(rows, from, to, codes, column, sides, held) {
      const [start, end] = [rows.byteOffset + 4 * from, rows.byteOffset + 4 * to];
      partition(start, end, codes.byteOffset + column, sides.byteOffset, held.byteOffset, result.byteOffset);
      const middle = (result[0]! - rows.byteOffset) / 4;
      rows.set(held.subarray(0, to - middle), middle);
      return middle;
    },
  };
}

// Parameters of both: addresses in bytes.
const [ROW, END, CODES] = [0, 1, 2];
const [PAIRS, HISTOGRAM, ADDRESS] = [3, 4, 5];

const addEntry = (e: number): Code => [
  ...set(ADDRESS, add(get(HISTOGRAM), shiftLeft(loadByte(add(get(CODES), loadInt(get(ROW), 4 * e))), 4))),
  ...storePair(get(ADDRESS), addPairs(loadPair(get(ADDRESS)), loadPair(get(PAIRS), 16 * e))),
];
const ADD_COLUMN: FunctionCode = {
  name: 'addColumn',
  parameters: 5,
  locals: { integers: 1, doubles: 0, pairs: 0 },
  body: [
    ...inFours(ROW, END, 4, (entries) => [
      ...Array.from({ length: entries }, (_, e) => addEntry(e)).flat(),
      ...advance(ROW, 4 * entries),
      ...advance(PAIRS, 16 * entries),
    ]),
  ],
};

const [SIDES, HELD, RESULT, LEFT, INDEX, SIDE] = [3, 4, 5, 6, 7, 8];
const PARTITION: FunctionCode = {
  name: 'partition',
  parameters: 6,
  locals: { integers: 3, doubles: 0, pairs: 0 },
  body: [
    ...set(LEFT, get(ROW)),
    ...loopWhile(
      less(get(ROW), get(END)),
      set(INDEX, loadInt(get(ROW))),
      set(SIDE, shiftLeft(loadByte(add(get(SIDES), loadByte(add(get(CODES), get(INDEX))))), 2)),
      storeInt(get(LEFT), get(INDEX)),
      storeInt(get(HELD), get(INDEX)),
      set(LEFT, add(get(LEFT), get(SIDE))),
      set(HELD, subtract(add(get(HELD), i32(4)), get(SIDE))),
      advance(ROW, 4),
    ),
    ...storeInt(get(RESULT), get(LEFT)),
  ],
};

/** For what no 32-bit address reaches: slower, the same otherwise. */
export const plainMemory: TreeMemory = {
  doubles: (length) => new Float64Array(length),
  integers: (length) => new Int32Array(length),
  bytes: (length) => new Uint8Array(length),
  addColumn(histogram, first, codes, column, rows, from, to, pairs) {
    for (let p = from, i = 0; p < to; p++, i += 2) {
      const at = 2 * (first + codes[column + rows[p]!]!);
      histogram[at]! += pairs[i]!;
      histogram[at + 1]! += pairs[i + 1]!;
    }
  },
  partition(rows, from, to, codes, column, sides, held) {
    let left = from;
    let right = 0;
    for (let p = from; p < to; p++) {
      const row = rows[p]!;
      const side = sides[codes[column + row]!]!;
      rows[left] = row;
      held[right] = row;
      left += side;
      right += 1 - side;
    }
    for (let i = 0; i < right; i++) rows[left + i] = held[i]!;
    return left;
  },
};
