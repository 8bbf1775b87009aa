import type { DatasetConfig } from '../contracts/settings.js';
import type { SourceFile, SourceFiles } from '../contracts/store.js';
import { planLayout, planLooseLayout, requireColumns, type Layout } from '../core/ingest/layout.js';
import { missingIn, partitionOf, withPartition, type Partition } from '../core/ingest/partitions.js';
import type { ColumnPart } from '../core/ingest/parts.js';
import type { RecordBlock } from '../core/ingest/source.js';
import { formatOf, readSource } from './readSource.js';

/** Records of a file, and where the configured columns are in them. */
export interface LaidOutBlock {
  readonly block: RecordBlock;
  readonly layout: Layout;
}

/**
 * Streams a file's records with the place of each configured column.
 *
 * @param received is told how many bytes came from the file
 * @throws DataError where the file can't be read to its end, or lacks a configured column
 */
export async function* readRows(
  file: SourceFile,
  sources: SourceFiles,
  { dataset, parts }: { readonly dataset: DatasetConfig; readonly parts: readonly ColumnPart[] },
  received: (bytes: number) => void = () => undefined,
): AsyncGenerator<LaidOutBlock> {
  const format = dataset.format ?? formatOf(file.uri);
  const plan = format === 'jsonl' ? planLooseLayout : planLayout.bind(undefined, file.uri);
  let header: readonly string[] = [];
  let layout: Layout | undefined;
  let unreadable = 0;
  const partition = partitionOf(file.uri);
  let added: Partition | undefined;
  for await (const found of readSource(file, sources, { ...dataset, format, received })) {
    if (found.header.length > 0) added ??= missingIn(found.header, partition);
    const block = added ? withPartition(found, added) : found;
    if (!layout || block.header.length !== header.length) layout = plan(block.header, parts);
    header = block.header;
    unreadable += block.unreadable.length;
    yield { block, layout };
  }
  // A JSONL file of which nothing could be read has no columns to complain of.
  if (header.length > 0 || unreadable === 0) requireColumns(file.uri, header, parts);
}
