import type { DatasetConfig } from '../contracts/settings.js';
import type { SourceFile, SourceFiles } from '../contracts/store.js';
import { planJoins, type JoinPlan } from '../core/ingest/joins.js';
import { joinBlock, type JoinTable } from '../core/ingest/joinTable.js';
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

export interface RowsAsked {
  readonly dataset: Pick<DatasetConfig, 'format' | 'encoding'>;
  readonly parts: readonly ColumnPart[];
  /** Whose columns the rows get. @default none */
  readonly joins?: readonly JoinTable[];
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
  { dataset, parts, joins = [] }: RowsAsked,
  received: (bytes: number) => void = () => undefined,
): AsyncGenerator<LaidOutBlock> {
  const format = dataset.format ?? formatOf(file.uri);
  const isLoose = format === 'jsonl';
  const plan = isLoose ? planLooseLayout : planLayout.bind(undefined, file.uri);
  let header: readonly string[] = [];
  let planned: { readonly joins: JoinPlan; readonly layout: Layout } | undefined;
  let unreadable = 0;
  const partition = partitionOf(file.uri);
  let added: Partition | undefined;
  for await (const found of readSource(file, sources, { ...dataset, format, received })) {
    if (found.header.length > 0) added ??= missingIn(found.header, partition);
    const block = added ? withPartition(found, added) : found;
    if (!planned || block.header.length !== header.length) {
      const wide = planJoins(file.uri, block.header, joins, isLoose);
      planned = { joins: wide, layout: plan(wide.header, parts) };
    }
    header = block.header;
    unreadable += block.unreadable.length;
    yield {
      block: joins.length > 0 ? joinBlock(block, planned.joins, joins) : block,
      layout: planned.layout,
    };
  }
  // A JSONL file of which nothing could be read has no columns to complain of.
  if (header.length > 0 || unreadable === 0)
    requireColumns(file.uri, planJoins(file.uri, header, joins, false).header, parts);
}
