import { DataError } from '../contracts/errors.js';
import type { DatasetConfig } from '../contracts/settings.js';
import type { StageContext } from '../contracts/store.js';
import { repeatedKeys } from '../core/ingest/joins.js';
import { JoinTable } from '../core/ingest/joinTable.js';
import type { UnreadableRecord } from '../core/ingest/source.js';
import type { DatasetFiles } from './datasetFiles.js';
import { readRows } from './readRows.js';

const EXAMPLES = 5;

export interface JoinReading extends Pick<StageContext, 'sources' | 'signal'> {
  readonly received: (bytes: number) => void;
  /** Told of what can't be read, with the position of its file in `all`. */
  readonly unreadable: (file: number, records: readonly UnreadableRecord[]) => void;
}

/**
 * Reads the tables that rows are joined with into memory.
 *
 * @throws DataError where a file can't be read to its end or lacks a column, or a key is there twice and must not be
 */
export async function readJoinTables(
  { joins = [] }: DatasetConfig,
  { rows, joined }: DatasetFiles,
  { sources, signal, received, unreadable }: JoinReading,
): Promise<JoinTable[]> {
  const tables: JoinTable[] = [];
  let index = rows.length;
  for (const [i, join] of joins.entries()) {
    const table = new JoinTable(join);
    for (const file of joined[i]!) {
      let header: readonly string[] = [];
      let lost = 0;
      for await (const { block } of readRows(file, sources, { dataset: join, parts: [] }, received)) {
        signal.throwIfAborted();
        header = block.header;
        lost += block.unreadable.length;
        table.add(block, file.uri);
        unreadable(index, block.unreadable);
      }
      if (header.length > 0 || lost === 0) table.endFile(header, file.uri);
      index++;
    }
    const repeated = join.duplicates === 'error' ? table.repeated() : [];
    if (repeated.length > 0)
      throw new DataError(repeatedKeys(join, repeated.length, repeated.slice(0, EXAMPLES)));
    tables.push(table);
  }
  return tables;
}
