import type { SourceFile } from '../contracts/store.js';
import { parseJsonLines } from '../core/ingest/jsonLines.js';
import { decodeLines } from '../core/ingest/lines.js';
import { encodeBlock, RecordScanner, type ScannedBlock } from '../core/ingest/recordScanner.js';
import { wholeLines } from '../core/ingest/wholeLines.js';
import { inflated, type ReadOptions, type SourceFormat } from './readSource.js';

/** Formats that are read line by line. */
export type TextFormat = Exclude<SourceFormat, 'parquet'>;

/**
 * Streams the records of a text file as CSV (TSV where the file is), for the database to read.
 *
 * @throws DataError when the file can't be read to its end
 */
export async function* scanSource(
  file: SourceFile,
  format: TextFormat,
  { encoding, received }: Pick<ReadOptions, 'encoding' | 'received'>,
): AsyncGenerator<ScannedBlock> {
  const options = { encoding, file: file.uri };
  const bytes = inflated(file, received);
  if (format === 'jsonl') {
    for await (const block of parseJsonLines(decodeLines(bytes, options))) yield encodeBlock(block);
    return;
  }
  const scanner = new RecordScanner(format === 'csv' ? ',' : '\t', file.uri);
  for await (const region of wholeLines(bytes, options)) yield scanner.push(region, false);
  yield scanner.push({ bytes: new Uint8Array(), cutBytes: 0 }, true);
}
