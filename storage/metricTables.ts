import { randomUUID } from 'node:crypto';
import { mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Field, ParquetReader, Row } from 'parquetjs-lite';
import type { ColumnSpec, ColumnType } from '../contracts/artifact.js';
import type { Column, ColumnBatch } from '../contracts/table.js';
import { checkBatch } from './tableBatches.js';
import type { ParquetFile } from './tables.js';

/** More rows than this and the library is too slow; other types, NaN, -0 and infinities it gets wrong or refuses. */
const MAX_ROWS = 50_000;
/** Larger groups make its reader much slower. */
const ROW_GROUP_ROWS = 4096;
const FOOTER_BYTES = 64 << 10;

const FIELDS: Readonly<Partial<Record<ColumnType, Field>>> = {
  utf8: { type: 'UTF8', optional: true },
  int32: { type: 'INT32' },
  float64: { type: 'DOUBLE', optional: true },
  bool: { type: 'BOOLEAN' },
};

/**
 * Whether these rows are a small flat table that parquetjs-lite writes right: utf8, int32, bool and finite float64
 * (or missing), at most 50,000 rows.
 */
export function isMetricTable(columns: readonly ColumnSpec[], batches: readonly ColumnBatch[]): boolean {
  const rows = batches.reduce((sum, batch) => sum + batch.rows, 0);
  if (rows === 0 || rows > MAX_ROWS) return false;
  return columns.every(({ name, type }) => {
    if (FIELDS[type] === undefined) return false;
    return batches.every(
      ({ columns: { [name]: column } }) => !(column instanceof Float64Array) || column.every(isPlain),
    );
  });
}

function isPlain(value: number): boolean {
  return Number.isNaN(value) || (Number.isFinite(value) && !Object.is(value, -0));
}

/**
 * Writes a small flat table with parquetjs-lite, in the order of its rows. Same rows, same bytes.
 *
 * @throws RangeError when `isMetricTable` says no, or a batch isn't what `columns` say
 */
export async function writeMetricTable(
  directory: string,
  columns: readonly ColumnSpec[],
  batches: readonly ColumnBatch[],
): Promise<ParquetFile> {
  for (const batch of batches) checkBatch(batch, columns);
  if (!isMetricTable(columns, batches)) throw new RangeError('not a small flat table of plain values');
  const { default: library } = await import('parquetjs-lite');
  await mkdir(directory, { recursive: true });
  const path = join(directory, `${randomUUID()}.parquet`);
  const fields = columns.map(({ name, type }) => [name, FIELDS[type]!] as const);
  try {
    const schema = new library.ParquetSchema(Object.fromEntries(fields));
    const writer = await library.ParquetWriter.openFile(schema, path, { rowGroupSize: ROW_GROUP_ROWS });
    let rows = 0;
    for (const batch of batches) {
      for (let row = 0; row < batch.rows; row++, rows++) await writer.appendRow(rowOf(batch, columns, row));
    }
    await writer.close();
    return { path, rows };
  } catch (error) {
    // A failed write leaves the beginning of a file.
    await rm(path, { force: true });
    throw error;
  }
}

function rowOf(batch: ColumnBatch, columns: readonly ColumnSpec[], row: number): Row {
  const values = columns.map(({ name, type }) => {
    const value = (batch.columns[name] as ArrayLike<string | number | null>)[row];
    if (type === 'bool') return [name, value === 1];
    return [name, Number.isNaN(value) ? null : value];
  });
  return Object.fromEntries(values) as Row;
}

/** Whether parquetjs-lite wrote this file: it must never read another's. */
export async function isMetricFile(path: string): Promise<boolean> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const bytes = Buffer.alloc(Math.min(size, FOOTER_BYTES));
    await file.read(bytes, 0, bytes.length, size - bytes.length);
    return bytes.includes('parquet.js');
  } finally {
    await file.close();
  }
}

/** Reads what `writeMetricTable` wrote, as one batch. */
export async function readMetricTable(path: string, columns: readonly ColumnSpec[]): Promise<ColumnBatch> {
  const { default: library } = await import('parquetjs-lite');
  const reader = await library.ParquetReader.openFile(path);
  try {
    const rows = await allRows(reader);
    const read = columns.map(({ name, type }) => [name, columnOf(rows, name, type)] as const);
    return { rows: rows.length, columns: Object.fromEntries(read) };
  } finally {
    await reader.close();
  }
}

async function allRows(reader: ParquetReader): Promise<Row[]> {
  const cursor = reader.getCursor();
  const rows: Row[] = [];
  for (let row = await cursor.next(); row !== null; row = await cursor.next()) rows.push(row);
  return rows;
}

function columnOf(rows: readonly Row[], name: string, type: ColumnType): Column {
  const values = rows.map((row) => row[name] ?? null);
  if (type === 'utf8') return values as (string | null)[];
  if (type === 'int32') return Int32Array.from(values as number[]);
  if (type === 'bool') return Uint8Array.from(values, Number);
  return Float64Array.from(values, (value) => (value === null ? NaN : Number(value)));
}
