import { DataError } from '../contracts/errors.js';
import { parseDelimited } from '../core/ingest/delimited.js';
import { decodeLines } from '../core/ingest/lines.js';

/**
 * All rows of a published CSV file.
 *
 * @param columns names of a file without header
 * @throws DataError when a row can't be read: published files are whole
 */
export async function readCsv(
  file: string,
  bytes: Uint8Array | undefined,
  columns?: readonly string[],
): Promise<readonly (readonly (string | null)[])[]> {
  const content = requireFile(file, bytes);
  const header = columns ? [new TextEncoder().encode(`${columns.join(',')}\n`)] : [];
  const rows: (readonly (string | null)[])[] = [];
  const lines = decodeLines(chunks([...header, content]), { encoding: 'utf-8', file });
  for await (const block of parseDelimited(lines, { delimiter: ',', file })) {
    const [bad] = block.unreadable;
    if (bad) throw new DataError(`${file}, line ${bad.line}: ${bad.reason}; expected the file as published`);
    for (const { cells } of block.records) rows.push(cells);
  }
  return rows;
}

/** @throws DataError when the loader wasn't given the file */
export function requireFile(file: string, bytes: Uint8Array | undefined): Uint8Array {
  if (bytes) return bytes;
  throw new DataError(`${file}: this file of the set is missing`);
}

async function* chunks(parts: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* parts;
}
