import { randomUUID } from 'node:crypto';
import { mkdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { DuckDBConnection, DuckDBDataChunk } from '@duckdb/node-api';
import type { ColumnSpec } from '../contracts/artifact.js';
import { StoreError } from '../contracts/errors.js';
import type { TableRows } from '../contracts/store.js';
import type { Column, ColumnBatch } from '../contracts/table.js';
import { connect, literal, loadDuckdb, quoted, withConnection } from './duckdb.js';
import { regroup, rowsOf } from './tableBatches.js';
import { fillVector, readColumn, SQL_TYPES } from './tableVectors.js';

/** DuckDB's vector size: what an appender takes at once. */
const CHUNK_ROWS = 2048;
const ROW_GROUP_ROWS = 131_072;
/** A part is closed at the first chunk where it reaches either. */
const PART_ROWS = 2 * ROW_GROUP_ROWS;
const PART_BYTES = 128 << 20;
/** How many chunks make a batch when reading. */
const CHUNKS_PER_BATCH = 8;

export interface ParquetFile {
  readonly path: string;
  readonly rows: number;
}

/**
 * Writes rows to Parquet files (zstd), at most some 256k rows or 128 MiB each, and yields each file when it is whole.
 * The bytes depend on the rows and their order only: not on how they are batched, nor on the machine's cores.
 * The files are the caller's to move or delete.
 *
 * @throws RangeError when a batch isn't what `columns` say
 */
export async function* writeParquet(
  directory: string,
  columns: readonly ColumnSpec[],
  batches: Iterable<ColumnBatch> | AsyncIterable<ColumnBatch>,
): AsyncIterable<ParquetFile> {
  const connection = await connect();
  try {
    const { DuckDBDataChunk } = await loadDuckdb();
    await mkdir(directory, { recursive: true });
    let part = await startPart(connection, columns);
    for await (const group of regroup(batches, columns, CHUNK_ROWS)) {
      const chunk = DuckDBDataChunk.create(part.types, rowsOf(group));
      columns.forEach((spec, i) => {
        part.sizeBytes += fillVector(part.duckdb, chunk.getColumnVector(i), group, spec);
      });
      part.appender.appendDataChunk(chunk);
      part.rows += chunk.rowCount;
      if (part.rows >= PART_ROWS || part.sizeBytes >= PART_BYTES) {
        yield await finishPart(connection, part, directory);
        part = await startPart(connection, columns);
      }
    }
    if (part.rows > 0) yield await finishPart(connection, part, directory);
  } finally {
    connection.closeSync();
  }
}

/**
 * Writes rows of a table of the database, in their order, to the bytes that `writeParquet` would give them, without
 * passing them through this process. Parts have as many rows; fewer where the one before came out too large.
 *
 * @param rows values have the types of `columns`
 */
export async function* copyRows(
  connection: DuckDBConnection,
  directory: string,
  columns: readonly ColumnSpec[],
  { table, values, where }: TableRows,
): AsyncIterable<ParquetFile> {
  await mkdir(directory, { recursive: true });
  const { total, starts } = await chunksOf(connection, table, where);
  const named = columns.map(({ name }, i) => `${values[i]!} AS ${quoted(name)}`).join(', ');
  const write = async (at: number, next: number): Promise<ParquetFile> => {
    const end = starts[next] === undefined ? '' : ` AND rowid < ${String(starts[next])}`;
    const range = `rowid >= ${String(starts[at])}${end}`;
    const rows = Math.min(total, next * CHUNK_ROWS) - at * CHUNK_ROWS;
    const kept = where === undefined ? '' : ` AND (${where})`;
    // Sorted, though they are in order: what sorts gives full chunks on, so that row groups have their size.
    const select = `SELECT ${named} FROM ${table} WHERE ${range}${kept} ORDER BY rowid`;
    return { path: await copyTo(connection, directory, `(${select})`), rows };
  };
  let at = partChunks(0);
  let writing = starts.length > 0 ? write(0, at) : undefined;
  try {
    while (writing !== undefined) {
      const part: ParquetFile = await writing;
      const next = at + partChunks((await stat(part.path)).size / part.rows);
      // The next one is written while somebody takes this one.
      writing = at < starts.length ? write(at, next) : undefined;
      writing?.catch(() => undefined); // it is awaited, but later
      at = next;
      yield part;
    }
  } finally {
    await writing?.catch(() => undefined); // nobody wants it any more
  }
}

/** Where each chunk of the rows begins in the table, and how many rows there are. */
async function chunksOf(
  connection: DuckDBConnection,
  table: string,
  where = 'true',
): Promise<{ readonly total: number; readonly starts: readonly bigint[] }> {
  const counted = await connection.runAndReadAll(`SELECT count(*) FROM ${table} WHERE ${where}`);
  // A window over everything goes through the table in its order.
  const found = await connection.runAndReadAll(
    `SELECT row FROM (SELECT rowid AS row, row_number() OVER () - 1 AS n FROM ${table} WHERE ${where})
     WHERE n % ${CHUNK_ROWS} = 0 ORDER BY n`,
  );
  return {
    total: Number(counted.getRows()[0]![0]),
    starts: found.getRows().map(([row]) => row as bigint), // a rowid is one
  };
}

/** Whole chunks, up to the first that reaches a limit. */
const partChunks = (bytesPerRow: number): number =>
  Math.min(PART_ROWS / CHUNK_ROWS, Math.ceil(PART_BYTES / bytesPerRow / CHUNK_ROWS));

/** What the columns are in SQL, as a table's definition. */
export const definitionOf = (columns: readonly ColumnSpec[]): string =>
  columns.map(({ name, type }) => `${quoted(name)} ${SQL_TYPES[type]}`).join(', ');

type OpenPart = Awaited<ReturnType<typeof startPart>>;

async function startPart(connection: DuckDBConnection, columns: readonly ColumnSpec[]) {
  const duckdb = await loadDuckdb();
  await connection.run(`CREATE OR REPLACE TEMP TABLE part (${definitionOf(columns)})`);
  const appender = await connection.createAppender('part', null, 'temp');
  const types = columns.map((_, i) => appender.columnType(i));
  return { duckdb, appender, types, rows: 0, sizeBytes: 0 };
}

async function finishPart(
  connection: DuckDBConnection,
  part: OpenPart,
  directory: string,
): Promise<ParquetFile> {
  part.appender.closeSync();
  return { path: await copyTo(connection, directory, 'part'), rows: part.rows };
}

/** @param source a table, or a query in brackets */
async function copyTo(connection: DuckDBConnection, directory: string, source: string): Promise<string> {
  const path = join(directory, `${randomUUID()}.parquet`);
  const options = `FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE ${String(ROW_GROUP_ROWS)}`;
  try {
    await connection.run(`COPY ${source} TO ${literal(path)} (${options})`);
    return path;
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
}

/**
 * Reads a file that `writeParquet` wrote (or one with the same columns), in its order.
 *
 * @param columns which to read, and of what type they must be
 * @throws StoreError when the file has other columns or types
 */
export async function* readParquet(path: string, columns: readonly ColumnSpec[]): AsyncIterable<ColumnBatch> {
  const duckdb = await loadDuckdb();
  const connection = await connect();
  try {
    await checkColumns(connection, path, columns);
    const names = columns.map(({ name }) => quoted(name)).join(', ');
    const result = await connection.stream(`SELECT ${names} FROM read_parquet($1)`, [path]);
    let chunks: DuckDBDataChunk[] = [];
    const decode = (): ColumnBatch => {
      const read: Record<string, Column> = {};
      columns.forEach((spec, i) => (read[spec.name] = readColumn(duckdb, chunks, i, spec)));
      const rows = chunks.reduce((sum, chunk) => sum + chunk.rowCount, 0);
      chunks = [];
      return { rows, columns: read };
    };
    for await (const chunk of result) {
      if (chunk.rowCount > 0) chunks.push(chunk);
      if (chunks.length >= CHUNKS_PER_BATCH) yield decode();
    }
    if (chunks.length > 0) yield decode();
  } finally {
    connection.closeSync();
  }
}

async function checkColumns(
  connection: DuckDBConnection,
  path: string,
  columns: readonly ColumnSpec[],
): Promise<void> {
  const found = new Map<string, string>();
  const described = await connection.runAndReadAll('DESCRIBE SELECT * FROM read_parquet($1)', [path]);
  for (const [name, type] of described.getRows()) found.set(String(name), String(type));
  for (const { name, type } of columns) {
    if (found.get(name) === SQL_TYPES[type]) continue;
    throw new StoreError(
      `${path}: expected a column ${name} of type ${SQL_TYPES[type]}, got ${found.get(name) ?? 'no such column'}`,
    );
  }
}

/** How many rows a Parquet file has, by its footer. */
export function countParquetRows(path: string): Promise<number> {
  return withConnection(async (connection) => {
    const read = await connection.runAndReadAll('SELECT count(*) FROM read_parquet($1)', [path]);
    return Number(read.getRows()[0]?.[0] ?? 0);
  });
}
