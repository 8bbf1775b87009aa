import type { ColumnSpec, ColumnType } from '../contracts/artifact.js';
import type { Column, ColumnBatch, VectorColumn } from '../contracts/table.js';

/** Some consecutive rows of one batch. */
export interface Segment {
  readonly batch: ColumnBatch;
  readonly start: number;
  readonly end: number; // excluded
}

const MATCHES: Readonly<Record<ColumnType, (column: Column) => boolean>> = {
  utf8: Array.isArray,
  bytes: Array.isArray,
  bool: (column) => column instanceof Uint8Array,
  int32: (column) => column instanceof Int32Array,
  int64: (column) => column instanceof BigInt64Array,
  float32: (column) => column instanceof Float32Array,
  float64: (column) => column instanceof Float64Array,
  'float64[]': isVector,
};

/** Whether a column is one of fixed-width vectors. */
export function isVector(column: Column): column is VectorColumn {
  return 'width' in column;
}

/** @throws RangeError when a batch isn't what the columns say */
export function checkBatch(batch: ColumnBatch, columns: readonly ColumnSpec[]): void {
  const names = Object.keys(batch.columns);
  if (names.length !== columns.length) {
    const expected = columns.map((column) => column.name).join(', ');
    throw new RangeError(`batch: expected the columns ${expected}, got ${names.join(', ')}`);
  }
  for (const { name, type } of columns) {
    const column = batch.columns[name];
    if (column === undefined)
      throw new RangeError(`batch: column ${name} is missing, got ${names.join(', ')}`);
    if (!MATCHES[type](column)) throw new RangeError(`batch: column ${name} is not of type ${type}`);
    const rows = isVector(column) ? column.values.length / column.width : column.length;
    const empty = isVector(column) && column.values.length === 0 && (batch.rows === 0 || column.width === 0);
    if (rows !== batch.rows && !empty) {
      throw new RangeError(`batch: column ${name} has ${String(rows)} rows, the batch ${String(batch.rows)}`);
    }
  }
}

/** Cuts batches of any size into groups of exactly `rows` rows (the last one may be smaller), in order. */
export async function* regroup(
  batches: Iterable<ColumnBatch> | AsyncIterable<ColumnBatch>,
  columns: readonly ColumnSpec[],
  rows: number,
): AsyncIterable<readonly Segment[]> {
  let group: Segment[] = [];
  let wanted = rows;
  for await (const batch of batches) {
    checkBatch(batch, columns);
    for (let start = 0; start < batch.rows;) {
      const end = Math.min(batch.rows, start + wanted);
      group.push({ batch, start, end });
      wanted -= end - start;
      start = end;
      if (wanted > 0) continue;
      yield group;
      group = [];
      wanted = rows;
    }
  }
  if (group.length > 0) yield group;
}

/** Rows in a group. */
export function rowsOf(group: readonly Segment[]): number {
  return group.reduce((rows, { start, end }) => rows + end - start, 0);
}
