import type { Column, ColumnBatch } from '../contracts/table.js';

/** All batches as one; for tables that fit in memory. */
export async function gather(
  batches: AsyncIterable<ColumnBatch> | Iterable<ColumnBatch>,
): Promise<ColumnBatch> {
  const parts: ColumnBatch[] = [];
  for await (const batch of batches) parts.push(batch);
  const rows = parts.reduce((sum, part) => sum + part.rows, 0);
  const names = Object.keys(parts[0]?.columns ?? {});
  const columns = Object.fromEntries(
    names.map((name) => [name, concat(parts.map((part) => part.columns[name]!))]),
  );
  return { rows, columns };
}

function concat(columns: readonly Column[]): Column {
  const [first] = columns;
  if (columns.length === 1) return first!;
  if (Array.isArray(first)) return (columns as (readonly (string | null)[])[]).flat();
  if (isVector(first!)) {
    return { width: first.width, values: joined(columns.map((column) => (column as typeof first).values)) };
  }
  return joined(columns as Float64Array[]);
}

const isVector = (column: Column): column is Extract<Column, { width: number }> => 'width' in column;

function joined<T extends Float64Array>(parts: readonly T[]): T {
  const total = parts.reduce((sum, part) => sum + part.length, 0);
  const whole = new (parts[0]!.constructor as new (length: number) => T)(total);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** @throws RangeError where the batch has no such column of text */
export function texts(batch: ColumnBatch, name: string): readonly (string | null)[] {
  const column = batch.columns[name] ?? emptyOf(batch, []);
  if (!Array.isArray(column)) throw new RangeError(`column ${name}: expected text`);
  return column as readonly (string | null)[];
}

/** @throws RangeError where the batch has no such column of 32-bit integers */
export function integers(batch: ColumnBatch, name: string): Int32Array {
  const column = batch.columns[name] ?? emptyOf(batch, new Int32Array(0));
  if (!(column instanceof Int32Array)) throw new RangeError(`column ${name}: expected int32`);
  return column;
}

/** @throws RangeError where the batch has no such column of numbers */
export function numbers(batch: ColumnBatch, name: string): Float64Array {
  const column = batch.columns[name] ?? emptyOf(batch, new Float64Array(0));
  if (!(column instanceof Float64Array)) throw new RangeError(`column ${name}: expected float64`);
  return column;
}

/** @throws RangeError where the batch has no such column of vectors */
export function vectors(batch: ColumnBatch, name: string): { width: number; values: Float64Array } {
  const column = batch.columns[name] ?? emptyOf(batch, { width: 0, values: new Float64Array(0) });
  if (!column || !isVector(column)) throw new RangeError(`column ${name}: expected float64[]`);
  return column;
}

/** A table without rows may come as no batch at all. */
function emptyOf<C extends Column>(batch: ColumnBatch, column: C): C | undefined {
  return batch.rows === 0 ? column : undefined;
}

/** Rows from `from` to `to`, the latter excluded, of batches that come in order. */
export async function* rowsBetween(
  batches: AsyncIterable<ColumnBatch> | Iterable<ColumnBatch>,
  from: number,
  to: number,
): AsyncGenerator<ColumnBatch> {
  let first = 0; // of the batch
  for await (const batch of batches) {
    const [start, end] = [Math.max(0, from - first), Math.min(batch.rows, to - first)];
    if (end - start === batch.rows) yield batch;
    else if (start < end)
      yield pickRows(
        batch,
        Int32Array.from({ length: end - start }, (_, i) => start + i),
      );
    first += batch.rows;
    if (first >= to) return;
  }
}

/** The given rows of a column, in the given order. */
export function pickRows(batch: ColumnBatch, rows: Int32Array): ColumnBatch {
  const pick = (column: Column): Column => {
    if (Array.isArray(column)) return Array.from(rows, (row) => (column as readonly (string | null)[])[row]!);
    if (isVector(column)) return pickVectors(column, rows);
    const source = column as Float64Array;
    const target = new (source.constructor as Float64ArrayConstructor)(rows.length);
    rows.forEach((row, i) => (target[i] = source[row]!));
    return target;
  };
  const columns = Object.fromEntries(
    Object.entries(batch.columns).map(([name, column]) => [name, pick(column)]),
  );
  return { rows: rows.length, columns };
}

function pickVectors({ width, values }: { width: number; values: Float64Array }, rows: Int32Array): Column {
  const picked = new Float64Array(rows.length * width);
  rows.forEach((row, i) => picked.set(values.subarray(row * width, (row + 1) * width), i * width));
  return { width, values: picked };
}
