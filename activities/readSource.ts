import { createGunzip } from 'node:zlib';
import { Readable } from 'node:stream';
import { Decompress } from 'fzstd';
import { ConfigError, DataError } from '../contracts/errors.js';
import type { DatasetConfig } from '../contracts/settings.js';
import type { SourceFile, SourceFiles } from '../contracts/store.js';
import { parseDelimited } from '../core/ingest/delimited.js';
import { parseJsonLines } from '../core/ingest/jsonLines.js';
import { decodeLines } from '../core/ingest/lines.js';
import type { RecordBlock } from '../core/ingest/source.js';

export type SourceFormat = NonNullable<DatasetConfig['format']>;

const FORMATS: Readonly<Record<string, SourceFormat>> = {
  csv: 'csv',
  tsv: 'tsv',
  tab: 'tsv',
  jsonl: 'jsonl',
  ndjson: 'jsonl',
  parquet: 'parquet',
  pq: 'parquet',
};

/** Format by the last part of the name, `.gz` and `.zst` not counted. @throws ConfigError when the name doesn't tell */
export function formatOf(uri: string): SourceFormat {
  const ending = /\.([a-z]+)(\.(gz|zst))?$/i.exec(uri)?.[1]?.toLowerCase() ?? '';
  const format = FORMATS[ending];
  if (format) return format;
  throw new ConfigError(
    `dataset.format: ${uri} doesn't tell by its name; set dataset.format: csv | tsv | jsonl | parquet`,
  );
}

export interface ReadOptions {
  readonly format: SourceFormat | undefined;
  readonly encoding: 'utf-8' | 'latin1';
  /** Called with the number of bytes that came from the file, compressed as they are. */
  readonly received: (bytes: number) => void;
}

/**
 * Streams a source file's rows. Gzip and zstd are recognised by their first bytes.
 *
 * @throws DataError when the file can't be read to its end
 */
export async function* readSource(
  file: SourceFile,
  sources: SourceFiles,
  { format, encoding, received }: ReadOptions,
): AsyncGenerator<RecordBlock> {
  const kind = format ?? formatOf(file.uri);
  if (file.sizeBytes === 0) throw new DataError(`${file.uri}: the file is empty (0 bytes)`);
  if (kind === 'parquet') {
    yield* readParquetRows(file, sources);
    received(file.sizeBytes);
    return;
  }
  const lines = decodeLines(inflated(file, received), { encoding, file: file.uri });
  if (kind === 'jsonl') yield* parseJsonLines(lines);
  else yield* parseDelimited(lines, { delimiter: kind === 'csv' ? ',' : '\t', file: file.uri });
}

/** A file's bytes, unpacked where it is gzip or zstd. */
export async function* inflated(
  file: SourceFile,
  received: (bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  const counted = counting(file.open(), received);
  const first = await counted.next();
  if (first.done) return;
  const whole = prepend(first.value, counted);
  if (startsWith(first.value, ZSTD)) {
    yield* unzstd(file.uri, whole);
    return;
  }
  if (!startsWith(first.value, GZIP)) {
    yield* whole;
    return;
  }
  const source = Readable.from(whole, { objectMode: false });
  const gunzip = createGunzip();
  source.on('error', (error) => gunzip.destroy(error));
  try {
    for await (const chunk of source.pipe(gunzip)) yield chunk as Uint8Array;
  } catch (error) {
    if (!isZlibError(error)) throw error;
    throw new DataError(`${file.uri}: the gzip file is damaged or cut off: ${error.message}; copy it again`, {
      cause: error,
    });
  }
}

/** Node's own zlib knows zstd from version 22 on only. */
async function* unzstd(uri: string, chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let found: Uint8Array[] = [];
  const stream = new Decompress((chunk) => void found.push(chunk));
  const push = (chunk: Uint8Array, isLast: boolean): Uint8Array[] => {
    found = [];
    try {
      stream.push(chunk, isLast);
    } catch (error) {
      // fzstd throws nothing but what it makes of the bytes.
      const why = error instanceof Error ? error.message : String(error);
      throw new DataError(`${uri}: the zstd file is damaged or cut off: ${why}; copy it again`, {
        cause: error,
      });
    }
    return found;
  };
  // The last piece is told to be the last one.
  let held: Uint8Array = new Uint8Array();
  for await (const chunk of chunks) {
    if (held.length > 0) yield* push(held, false);
    held = chunk;
  }
  yield* push(held, true);
}

const GZIP = [0x1f, 0x8b];
const ZSTD = [0x28, 0xb5, 0x2f, 0xfd];
const startsWith = (bytes: Uint8Array, magic: readonly number[]): boolean =>
  magic.every((byte, i) => bytes[i] === byte);

async function* counting(
  chunks: AsyncIterable<Uint8Array>,
  received: (bytes: number) => void,
): AsyncGenerator<Uint8Array, undefined> {
  for await (const chunk of chunks) {
    received(chunk.length);
    yield chunk;
  }
}

async function* prepend(first: Uint8Array, rest: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield first;
  yield* rest;
}

const isZlibError = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error && 'code' in error && /^Z_/.test(String(error.code));

async function* readParquetRows(file: SourceFile, sources: SourceFiles): AsyncGenerator<RecordBlock> {
  if (!sources.readParquet)
    throw new DataError(`${file.uri}: Parquet can't be read here; convert it to CSV or JSONL`);
  let line = 1;
  for await (const batch of sources.readParquet(file)) {
    const header = Object.keys(batch.columns);
    const columns = Object.values(batch.columns) as (readonly (string | null)[])[]; // utf8 by contract
    const records = Array.from({ length: batch.rows }, (_, row) => ({
      cells: columns.map((column) => column[row] || null),
      line: line + row,
    }));
    line += batch.rows;
    yield { header, records, unreadable: [] };
  }
}
