import { DataError } from '../contracts/errors.js';
import type { SourceFiles } from '../contracts/store.js';
import { formatOf, readSource, type SourceFormat } from './readSource.js';

/** The first rows of a table, for a guess at what its columns are. */
export interface Peek {
  readonly header: readonly string[];
  readonly rows: readonly (readonly (string | null)[])[]; // cells in the order of the header
}

/**
 * Reads the first rows of the first file that a source names.
 *
 * @throws DataError where there is no file, or no row
 */
export async function peekSource(
  source: string,
  sources: SourceFiles,
  { limit, format }: { readonly limit: number; readonly format?: SourceFormat },
): Promise<Peek> {
  const [file] = await sources.resolve([source]);
  if (!file) throw new DataError(`${source}: no such file`);
  const kind = format ?? formatOf(file.uri);
  const rows: (readonly (string | null)[])[] = [];
  let header: readonly string[] = [];
  const options = { format: kind, encoding: 'utf-8', received: () => undefined } as const;
  for await (const block of readSource(file, sources, options)) {
    header = block.header;
    rows.push(...block.records.map(({ cells }) => cells));
    if (rows.length >= limit) break;
  }
  if (rows.length === 0) throw new DataError(`${file.uri}: no row could be read`);
  return { header, rows: rows.slice(0, limit) };
}
