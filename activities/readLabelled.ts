import { DataError } from '../contracts/errors.js';
import type { DatasetConfig } from '../contracts/settings.js';
import type { StageContext } from '../contracts/store.js';
import type { ColumnBatch } from '../contracts/table.js';
import { splitNames } from '../core/ingest/assignSplit.js';
import { DatasetBuilder } from '../core/ingest/datasetBuilder.js';
import { columnParts } from '../core/ingest/parts.js';
import { datasetFiles } from './datasetFiles.js';
import { readJoinTables } from './joinedTables.js';
import { readRows } from './readRows.js';

/** A row that could not be used. */
export interface UnusableRow {
  readonly file: string;
  readonly line: number;
  readonly reason: string;
}

/** A labelled table in the order of its files. */
export interface LabelledFile {
  readonly batch: ColumnBatch;
  /** Where each row came from, (n,). */
  readonly places: readonly { readonly file: string; readonly line: number }[];
  readonly unusable: readonly UnusableRow[];
}

/**
 * Reads files as the stage ingest does, and leaves the rows in their order. All rows are held in memory, by column.
 *
 * @throws DataError where nothing is left
 */
export async function readLabelled(
  dataset: DatasetConfig,
  { sources, signal }: Pick<StageContext, 'sources' | 'signal'>,
): Promise<LabelledFile> {
  const found = await datasetFiles(dataset, sources);
  const files = found.rows;
  const parts = columnParts(dataset);
  const builder = new DatasetBuilder(parts, splitNames(dataset.split));
  const unusable: UnusableRow[] = [];
  const joins = await readJoinTables(dataset, found, {
    ...{ sources, signal, received: () => undefined },
    unreadable: (file, records) => {
      for (const { line, reason } of records) unusable.push({ file: found.all[file]!.uri, line, reason });
    },
  });
  for (const [index, file] of files.entries()) {
    const { uri } = file;
    for await (const { block, layout } of readRows(file, sources, { dataset, parts, joins })) {
      signal.throwIfAborted();
      for (const { line, reason } of block.unreadable) unusable.push({ file: uri, line, reason });
      for (const record of block.records) {
        const refusal = builder.add(record, layout, index);
        if (refusal) unusable.push({ file: uri, line: record.line, reason: refusal.reason });
      }
    }
  }
  if (builder.rows === 0) {
    const [first] = unusable;
    const why = first ? `; first: ${first.file}, line ${first.line}: ${first.reason}` : '';
    throw new DataError(`${files.map(({ uri }) => uri).join(', ')}: no usable row${why}`);
  }
  const order = Array.from({ length: builder.rows }, (_, row) => row);
  const ids = builder.text('id') ?? order.map((row) => String(builder.origin(row).line));
  return {
    batch: builder.batch(order, { id: ids as readonly string[], split: order.map(() => 'train') }),
    places: order.map((row) => {
      const { file, line } = builder.origin(row);
      return { file: files[file]!.uri, line };
    }),
    unusable,
  };
}
