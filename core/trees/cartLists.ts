import type { BestSplit, NodeColumn } from './cartSplit.js';
import type { Column, ColumnTable } from './columns.js';

/** All lists of rows, which a split divides in place: first the node's rows, then each dense column's order. */
export interface Lists {
  readonly stride: number;
  readonly dense: Int32Array; // (1 + dense columns, stride)
  readonly sparse: readonly Int32Array[];
}

/** A table as trees are grown over it again and again. */
export interface Prepared {
  readonly rows: number;
  readonly features: number;
  readonly dense: readonly Column[];
  readonly sparse: readonly Column[];
  readonly denseValues: readonly Float64Array[]; // (n,) each, by row
  readonly identity: Int32Array; // (n,): of a dense column, entry = row
  readonly place: ReadonlyMap<number, number>; // feature → its place among dense columns, then sparse ones
  readonly goesLeft: Uint8Array; // (n,)
  readonly held: Int32Array; // (n,)
}

/** What all trees over a table share. */
export function prepare({ rows, features, columns }: ColumnTable): Prepared {
  const dense = columns.filter(({ sparse }) => !sparse);
  const sparse = columns.filter((column) => column.sparse);
  const denseValues = dense.map((column) => {
    const values = new Float64Array(rows);
    column.rows.forEach((row, p) => (values[row] = column.values[p]!));
    return values;
  });
  return {
    rows,
    features,
    dense,
    sparse,
    denseValues,
    identity: Int32Array.from({ length: rows }, (_, row) => row),
    place: new Map([...dense, ...sparse].map(({ feature }, place) => [feature, place])),
    goesLeft: new Uint8Array(rows),
    held: new Int32Array(rows),
  };
}

/** The rows of positive weight, in the order of each column. */
export function listsOf({ rows, dense, sparse }: Prepared, weights: Float64Array): Lists {
  let stride = 0;
  for (let row = 0; row < rows; row++) if (weights[row]! > 0) stride++;
  const lists = new Int32Array((1 + dense.length) * stride);
  let at = 0;
  for (let row = 0; row < rows; row++) if (weights[row]! > 0) lists[at++] = row;
  for (const { rows: order } of dense) {
    for (let p = 0; p < order.length; p++) if (weights[order[p]!]! > 0) lists[at++] = order[p]!;
  }
  const entriesOf = (column: Column): Int32Array =>
    Int32Array.from(column.rows.keys()).filter((entry) => weights[column.rows[entry]!]! > 0);
  return { stride, dense: lists, sparse: sparse.map(entriesOf) };
}

/** Tells a column which range of its list a node has. */
export function setRange(column: NodeColumn, from: number, to: number): void {
  column.from = from;
  column.to = to;
  column.missing = 0;
  if (!column.anyMissing) return;
  const { entries, valueOf } = column;
  while (column.missing < to - from && Number.isNaN(valueOf[entries[to - 1 - column.missing]!]))
    column.missing++;
}

/** The columns over these lists, dense ones first. */
export function nodeColumns(table: Prepared, lists: Lists): NodeColumn[] {
  const start = (
    column: Column,
    entries: Int32Array,
    rowOf: Int32Array,
    valueOf: Float64Array,
  ): NodeColumn => {
    const { feature, categorical, sparse, missing } = column;
    const range = { from: 0, to: 0, missing: 0, anyMissing: missing > 0 };
    return { feature, categorical, sparse, entries, rowOf, valueOf, ...range };
  };
  return [
    ...table.dense.map((column, j) => start(column, lists.dense, table.identity, table.denseValues[j]!)),
    ...table.sparse.map((column, j) => start(column, lists.sparse[j]!, column.rows, column.values)),
  ];
}

/** Notes for each of rows[from … to) whether the split sends it left. */
export function markSides(
  table: Prepared,
  rows: Int32Array,
  from: number,
  to: number,
  { feature, threshold, missingLeft, categories }: BestSplit,
): void {
  const { goesLeft } = table;
  const isLeft = (value: number): boolean => {
    if (value !== value) return missingLeft;
    return categories ? categories.includes(value) : value <= threshold;
  };
  const place = table.place.get(feature)!;
  const values = table.denseValues[place];
  const zero = isLeft(0) ? 1 : 0;
  for (let p = from; p < to; p++) {
    const row = rows[p]!;
    goesLeft[row] = values ? (isLeft(values[row]!) ? 1 : 0) : zero;
  }
  if (values) return;
  const column = table.sparse[place - table.dense.length]!;
  column.rows.forEach((row, entry) => (goesLeft[row] = isLeft(column.values[entry]!) ? 1 : 0));
}

/** Brings what goes left to the front, keeping the order on both sides. Returns where the right side begins. */
export function partition(
  { goesLeft, held }: Prepared,
  list: Int32Array,
  rowOf: Int32Array,
  from: number,
  to: number,
): number {
  let left = from;
  let right = 0;
  for (let p = from; p < to; p++) {
    const entry = list[p]!;
    const side = goesLeft[rowOf[entry]!]!;
    list[left] = entry;
    held[right] = entry;
    left += side;
    right += 1 - side;
  }
  for (let i = 0; i < right; i++) list[left + i] = held[i]!;
  return left;
}

/** The same for each (column, from, to) of sparse lists: the triples of both sides. */
export function partitionSparse(
  table: Prepared,
  lists: Lists,
  triples: Int32Array,
): { left: Int32Array; right: Int32Array } {
  const left: number[] = [];
  const right: number[] = [];
  for (let t = 0; t < triples.length; t += 3) {
    const [column, from, to] = [triples[t]!, triples[t + 1]!, triples[t + 2]!];
    const middle = partition(table, lists.sparse[column]!, table.sparse[column]!.rows, from, to);
    if (middle > from) left.push(column, from, middle);
    if (to > middle) right.push(column, middle, to);
  }
  return { left: Int32Array.from(left), right: Int32Array.from(right) };
}
