import type * as Duckdb from '@duckdb/node-api';
import type { DuckDBDataChunk, DuckDBValue, DuckDBVector } from '@duckdb/node-api';
import type { ColumnSpec, ColumnType } from '../contracts/artifact.js';
import { StoreError } from '../contracts/errors.js';
import type { Column } from '../contracts/table.js';
import { isVector, type Segment } from './tableBatches.js';
import { textsOf } from './textCells.js';

/** How DuckDB calls a column type. */
export const SQL_TYPES: Readonly<Record<ColumnType, string>> = {
  utf8: 'VARCHAR',
  bool: 'BOOLEAN',
  int32: 'INTEGER',
  int64: 'BIGINT',
  float32: 'FLOAT',
  float64: 'DOUBLE',
  'float64[]': 'DOUBLE[]',
  bytes: 'BLOB',
};

/** Writes one column of a group of rows into a vector of as many items. @returns about how many bytes it took */
export function fillVector(
  duckdb: typeof Duckdb,
  vector: DuckDBVector,
  group: readonly Segment[],
  spec: ColumnSpec,
): number {
  let at = 0;
  let sizeBytes = 0;
  for (const { batch, start, end } of group) {
    const column = batch.columns[spec.name]!;
    const value = itemOf(duckdb, column, spec);
    for (let row = start; row < end; row++) vector.setItem(at++, value(row));
    sizeBytes += bytesOf(column, start, end);
  }
  vector.flush();
  return sizeBytes;
}

function itemOf(duckdb: typeof Duckdb, column: Column, spec: ColumnSpec): (row: number) => DuckDBValue {
  if (isVector(column)) {
    const { width, values } = column;
    return (row) =>
      duckdb.listValue(Array.from(values.subarray(row * width, (row + 1) * width), storedFloat));
  }
  if (column instanceof Float32Array || column instanceof Float64Array) {
    return (row) => storedFloat(column[row]!);
  }
  if (spec.type === 'bytes') return (row) => duckdb.blobValue(column[row] as Uint8Array);
  if (spec.type === 'bool') return (row) => column[row] === 1;
  return (row) => column[row] as DuckDBValue;
}

/** A stored float is never NaN: missing is NULL. */
function storedFloat(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}

function bytesOf(column: Column, start: number, end: number): number {
  if (isVector(column)) return 8 * column.width * (end - start);
  if (!Array.isArray(column)) return 8 * (end - start);
  let sum = 0;
  for (let row = start; row < end; row++) sum += (column[row] as { length: number } | null)?.length ?? 0;
  return sum;
}

/** Puts one column of some chunks together. @throws StoreError when it holds what such a column can't */
export function readColumn(
  duckdb: typeof Duckdb,
  chunks: readonly DuckDBDataChunk[],
  index: number,
  spec: ColumnSpec,
): Column {
  const rows = chunks.reduce((sum, chunk) => sum + chunk.rowCount, 0);
  const vectors = chunks.map((chunk) => chunk.getColumnVector(index));
  switch (spec.type) {
    case 'utf8':
      return vectors.flatMap(textsOf);
    case 'bytes':
      return vectors.flatMap((vector) => blobs(vector, spec.name));
    case 'bool':
      return copy(vectors, new Uint8Array(rows), spec, (item) => (item === true ? 1 : 0));
    case 'int32':
      return copy(vectors, new Int32Array(rows), spec, (item) => item as number);
    case 'int64':
      return copy(vectors, new BigInt64Array(rows), spec, (item) => item as bigint);
    case 'float32':
      return copyFloats(vectors, new Float32Array(rows));
    case 'float64':
      return copyFloats(vectors, new Float64Array(rows));
    case 'float64[]':
      return readVectors(duckdb, vectors, rows, spec.name);
  }
}

function items<T>(vector: DuckDBVector): (T | null)[] {
  const out: (T | null)[] = [];
  for (let i = 0; i < vector.itemCount; i++) out.push(vector.getItem(i) as T | null);
  return out;
}

function blobs(vector: DuckDBVector, name: string): Uint8Array[] {
  return items<{ readonly bytes: Uint8Array }>(vector).map((blob) => {
    if (blob === null) throw unexpectedNull(name);
    // The vector's memory goes with its chunk.
    return Uint8Array.from(blob.bytes);
  });
}

function copy<A extends Uint8Array | Int32Array | BigInt64Array>(
  vectors: readonly DuckDBVector[],
  out: A,
  spec: ColumnSpec,
  convert: (item: unknown) => A[number],
): A {
  let at = 0;
  for (const vector of vectors) {
    for (let i = 0; i < vector.itemCount; i++) {
      const item: unknown = vector.getItem(i);
      if (item === null) throw unexpectedNull(spec.name);
      out[at++] = convert(item);
    }
  }
  return out;
}

function copyFloats<A extends Float32Array | Float64Array>(vectors: readonly DuckDBVector[], out: A): A {
  let at = 0;
  for (const vector of vectors) {
    for (let i = 0; i < vector.itemCount; i++) {
      const item = vector.getItem(i) as number | null;
      out[at++] = item ?? NaN;
    }
  }
  return out;
}

function readVectors(
  duckdb: typeof Duckdb,
  vectors: readonly DuckDBVector[],
  rows: number,
  name: string,
): Column {
  let width: number | undefined;
  let values = new Float64Array(0);
  let row = 0;
  for (const vector of vectors) {
    if (!(vector instanceof duckdb.DuckDBListVector)) throw new StoreError(`column ${name} is not a list`);
    const child = vector.childVector;
    for (let i = 0; i < vector.itemCount; i++, row++) {
      if (width === undefined) {
        width = vector.getEntryLength(i);
        values = new Float64Array(rows * width);
      }
      if (vector.getEntryLength(i) !== width) {
        throw new StoreError(`column ${name}: expected vectors of ${String(width)} numbers throughout`);
      }
      const offset = vector.getEntryOffset(i);
      for (let k = 0; k < width; k++)
        values[row * width + k] = (child.getItem(offset + k) as number | null) ?? NaN;
    }
  }
  return { width: width ?? 0, values };
}

function unexpectedNull(name: string): StoreError {
  return new StoreError(`column ${name} has a missing value, which its type does not allow`);
}
