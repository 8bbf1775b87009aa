import { createHash } from 'node:crypto';
import { z } from 'zod';
import { DataError } from '../contracts/errors.js';
import { SPLITS } from '../contracts/prepared.js';
import { DatasetConfig } from '../contracts/settings.js';
import type { SourceFile, StageContext } from '../contracts/store.js';
import { assignSplit, splitNames } from '../core/ingest/assignSplit.js';
import { DatasetBuilder } from '../core/ingest/datasetBuilder.js';
import { byCodePoint } from '../core/codePoints.js';
import { dropDuplicateIds } from '../core/ingest/duplicateIds.js';
import { joinFigures, NO_MATCH, readableRules, rowsUnmatched } from '../core/ingest/joins.js';
import type { JoinTable } from '../core/ingest/joinTable.js';
import type { Layout } from '../core/ingest/layout.js';
import type { IngestedPart } from '../core/ingest/partHistory.js';
import { columnParts } from '../core/ingest/parts.js';
import type { RecordBlock, SourceRecord, UnreadableRecord } from '../core/ingest/source.js';
import { quarantineBatch, QUARANTINE_COLUMNS, type QuarantinedRow } from '../core/quarantine.js';
import { type DatasetFiles, datasetFiles, isParted, unpackedBytes } from './datasetFiles.js';
import { tooManyUnreadable } from './ingestChecks.js';
import { ingestLarge } from './ingestLarge.js';
import { FileShare, ingestShare } from './ingestShare.js';
import { contentHash } from './contentHash.js';
import { recordParts } from './ingestParts.js';
import { readJoinTables } from './joinedTables.js';
import { readRows } from './readRows.js';
import type { Stage } from './stage.js';

const ingestParams = z.strictObject({
  dataset: DatasetConfig,
  share: FileShare.optional(),
});
export type IngestParams = z.infer<typeof ingestParams>;

/** Rows of a batch of the table `dataset`. */
const BATCH_ROWS = 65_536;
const EXAMPLES = 5;

/** What was read so far. */
interface Intake {
  readonly dataset: DatasetConfig;
  readonly builder: DatasetBuilder;
  /** Of rows, then of joined tables. */
  readonly files: readonly SourceFile[];
  readonly joins: readonly JoinTable[];
  readonly quarantined: PutAside[];
  read: number;
  /** Rows that could not be read; rows without target and with a known id don't count. */
  unreadable: number;
}

/** With the position of its file. */
interface PutAside extends QuarantinedRow {
  readonly index: number;
}

/**
 * Turns the user's files into the immutable table `dataset`, sorted by id, with a side for every row. Rows that can't
 * be used go to `quarantine`. Small files are held in memory; larger ones go through the database, to the same rows.
 */
export const ingest: Stage<IngestParams> = {
  name: 'ingest',
  paramsSchema: ingestParams,
  inputs: [],
  summary: ({ dataset }) => `read ${[dataset.source].flat().join(', ')}`,
  async run({ params: { dataset, share }, seed }, context) {
    const files = await datasetFiles(dataset, context.sources);
    if (share) return ingestShare({ dataset, seed, files, share }, context);
    if (context.elsewhere || unpackedBytes(files.all) > context.inMemoryBytes)
      return ingestLarge(dataset, seed, files, context);
    const intake = await readAll(dataset, files, context);
    checkUnmatched(intake);
    checkUnreadable(intake, files.rows);
    const { order, ids } = settleIds(intake);
    const { builder, quarantined, read } = intake;
    if (order.length === 0) throw new DataError(nothingLeft(intake));
    if (order.length + quarantined.length !== read) {
      throw new RangeError(
        `ingest: ${read} rows read, ${order.length} kept, ${quarantined.length} quarantined`,
      );
    }
    quarantined.sort(byPlace);
    const sides = sidesOf(intake, ids, order, seed);
    const made = { id: ids, split: sides };
    const artifacts = {
      dataset: await context.artifacts.writeTable('dataset', builder.schema(), batches(builder, order, made)),
      quarantine: await context.artifacts.writeTable('quarantine', QUARANTINE_COLUMNS, [
        quarantineBatch(quarantined),
      ]),
    };
    const recorded = isParted(dataset, files)
      ? await recordParts(dataset, await ingestedParts(intake, files, context), context)
      : undefined;
    const count = (side: string): number => order.reduce((sum, row) => sum + Number(sides[row] === side), 0);
    return {
      outputs: {
        ...{ dataset: [artifacts.dataset], quarantine: [artifacts.quarantine] },
        ...(recorded ? { parts: [recorded.table] } : {}),
      },
      figures: {
        ...{ read, kept: order.length, quarantined: quarantined.length },
        ...Object.fromEntries(SPLITS.map((side) => [side, count(side)])),
        ...joinFigures(dataset.joins ?? [], intake.joins),
        ...recorded?.figures,
      },
    };
  },
};

async function readAll(dataset: DatasetConfig, files: DatasetFiles, context: StageContext): Promise<Intake> {
  const { sources, signal } = context;
  const parts = columnParts(dataset);
  const builder = new DatasetBuilder(parts, splitNames(dataset.split));
  const total = Math.max(
    1,
    files.all.reduce((sum, file) => sum + file.sizeBytes, 0),
  );
  let done = 0;
  const received = (bytes: number): void => {
    done += bytes;
    context.progress({ done: Math.min(done, total), total, unit: 'bytes' });
  };
  const lost: { file: number; records: readonly UnreadableRecord[] }[] = [];
  const unreadable = (file: number, records: readonly UnreadableRecord[]): void =>
    void lost.push({ file, records });
  const joins = await readJoinTables(dataset, files, { sources, signal, received, unreadable });
  const intake: Intake = {
    ...{ dataset, builder, files: files.all, joins },
    ...{ quarantined: [], read: 0, unreadable: 0 },
  };
  for (const [index, file] of files.rows.entries()) {
    for await (const { block, layout } of readRows(file, sources, { dataset, parts, joins }, received)) {
      signal.throwIfAborted();
      takeBlock(intake, index, block, layout);
    }
  }
  for (const { file, records } of lost) takeUnreadable(intake, file, records);
  return intake;
}

function takeBlock(intake: Intake, index: number, block: RecordBlock, layout: Layout): void {
  const file = intake.files[index]!.uri;
  const readable = readableRules(intake.dataset.joins);
  takeUnreadable(intake, index, block.unreadable);
  intake.read += block.records.length;
  for (const row of block.records) {
    const refusal = intake.builder.add(row, layout, index);
    if (!refusal) continue;
    if (!readable.includes(refusal.rule)) intake.unreadable++;
    const record = recordJson(block.header, row);
    intake.quarantined.push({ index, id: null, file, line: row.line, stage: 'ingest', ...refusal, record });
  }
}

function takeUnreadable(intake: Intake, index: number, records: readonly UnreadableRecord[]): void {
  const file = intake.files[index]!.uri;
  intake.read += records.length;
  intake.unreadable += records.length;
  for (const record of records)
    intake.quarantined.push({ index, id: null, file, stage: 'ingest', ...record });
}

/** What each file gave. Tables that fit in memory are read anew each time: that is no slower than looking. */
async function ingestedParts(
  { builder }: Intake,
  { rows }: DatasetFiles,
  context: StageContext,
): Promise<IngestedPart[]> {
  const counts = rows.map(() => ({ rows: 0, newestMs: -Infinity }));
  const times = builder.numbers('event_time');
  for (let row = 0; row < builder.rows; row++) {
    const part = counts[builder.origin(row).file]!;
    part.rows++;
    part.newestMs = Math.max(part.newestMs, Number.isNaN(times?.[row] ?? NaN) ? -Infinity : times![row]!);
  }
  const parts: IngestedPart[] = [];
  for (const [i, file] of rows.entries()) {
    const { rows: count, newestMs } = counts[i]!;
    const newest = newestMs === -Infinity ? undefined : newestMs;
    const sha256 = await contentHash(file, context);
    parts.push({ uri: file.uri, sha256, rows: count, newestMs: newest, isReused: false });
  }
  return parts;
}

/** Missing cells are left out, so that JSONL rows look alike whatever keys came before. */
function recordJson(header: readonly string[], { cells }: SourceRecord): string {
  const present = header.flatMap((name, i) => (cells[i] == null ? [] : [[name, cells[i]] as const]));
  return JSON.stringify(Object.fromEntries(present));
}

/** @throws DataError where a join must find something for each row, and did not */
function checkUnmatched({ dataset, quarantined, read }: Intake): void {
  quarantined.sort(byPlace);
  for (const join of dataset.joins ?? []) {
    if (join.unmatched !== 'error') continue;
    const found = quarantined.filter(({ rule }) => rule === NO_MATCH + join.name);
    const first = found.slice(0, EXAMPLES).map(where);
    if (found.length > 0) throw new DataError(rowsUnmatched(join, { count: found.length, read }, first));
  }
}

function checkUnreadable(
  { dataset, quarantined, read, unreadable }: Intake,
  files: readonly SourceFile[],
): void {
  if (read === 0)
    throw new DataError(`${files.map((file) => file.uri).join(', ')}: no rows below the header`);
  if (unreadable <= dataset.maxUnreadable * read) return;
  const readable = readableRules(dataset.joins);
  const bad = quarantined.filter(({ rule }) => !readable.includes(rule)).slice(0, EXAMPLES);
  throw new DataError(tooManyUnreadable(dataset, unreadable, read, bad.map(where)));
}

/** Reading order, whatever the blocks that the bytes came in. */
const byPlace = (a: PutAside, b: PutAside): number => a.index - b.index || a.line - b.line;

const where = (row: QuarantinedRow): string => `${row.file ?? ''}, line ${row.line}: ${row.reason}`;

function nothingLeft({ quarantined, read }: Intake): string {
  const first = quarantined[0]!;
  return `0 of ${read} rows are left after ingest: all are in quarantine. First: ${where(first)}`;
}

/** Gives every row its id and puts repeated ids aside. @returns kept rows in order of id */
function settleIds(intake: Intake): { order: number[]; ids: readonly string[] } {
  const { builder, dataset, quarantined, files } = intake;
  const given = builder.text('id') as readonly string[] | undefined; // rows without id were refused
  const ids = given ?? contentIds(builder);
  const targets = builder.text('target') as readonly string[]; // rows without target were refused
  const dropped = given
    ? dropDuplicateIds({ ids, targets, timesMs: builder.numbers('event_time') }, dataset.duplicateIds)
    : [];
  const place = (row: number): string => {
    const { file, line } = builder.origin(row);
    return `${files[file]!.uri}, line ${line}`;
  };
  if (dropped.length > 0 && dataset.duplicateIds === 'error') {
    const examples = dropped.slice(0, EXAMPLES).map(({ row }) => `"${ids[row]!}" (${place(row)})`);
    throw new DataError(
      `${dataset.columns.id!}: ${dropped.length} rows repeat an id: ${examples.join(', ')}. Make ids unique, or set ` +
        'dataset.duplicateIds: quarantine | newest',
    );
  }
  for (const { row, rule, kept } of dropped) {
    const { file, line } = builder.origin(row);
    const reason =
      kept === undefined
        ? `${dataset.columns.id!}: the rows with id "${ids[row]!}" disagree on the target`
        : `${dataset.columns.id!}: id "${ids[row]!}" is also at ${place(kept)}, which stays`;
    const from = { id: ids[row]!, index: file, file: files[file]!.uri, line };
    quarantined.push({ ...from, stage: 'ingest', rule, reason, record: builder.rowJson(row) });
  }
  const gone = new Set(dropped.map(({ row }) => row));
  const order = Array.from(ids.keys()).filter((row) => !gone.has(row));
  order.sort((a, b) => byCodePoint(ids[a]!, ids[b]!));
  return { order, ids };
}

/** Ids of rows that bring none: a hash of the content, and for further rows of equal content their number. */
function contentIds(builder: DatasetBuilder): string[] {
  const seen = new Map<string, number>();
  return Array.from({ length: builder.rows }, (_, row) => {
    const hash = createHash('sha256').update(builder.rowJson(row)).digest('hex').slice(0, 24);
    const occurrence = (seen.get(hash) ?? 0) + 1;
    seen.set(hash, occurrence);
    return occurrence === 1 ? hash : `${hash}-${occurrence}`;
  });
}

/** Name of every row's side, (rows,); '' for rows that were put aside. */
function sidesOf(intake: Intake, ids: readonly string[], order: readonly number[], seed: number): string[] {
  const { builder, dataset } = intake;
  const pick = <T>(values: readonly T[] | undefined): T[] | undefined =>
    values && order.map((row) => values[row]!);
  const times = pick(builder.numbers('event_time'));
  const sides = assignSplit(
    {
      ids: pick(ids)!,
      targets: pick(builder.text('target'))! as string[],
      groups: pick(builder.text('group')),
      timesMs: times && Float64Array.from(times),
      given: pick(builder.text('split')),
    },
    dataset.split,
    seed,
  );
  const named = new Array<string>(ids.length).fill('');
  order.forEach((row, i) => (named[row] = SPLITS[sides[i]!]!));
  return named;
}

function* batches(
  builder: DatasetBuilder,
  order: readonly number[],
  made: Readonly<Record<string, readonly string[]>>,
) {
  for (let at = 0; at < order.length; at += BATCH_ROWS)
    yield builder.batch(order.slice(at, at + BATCH_ROWS), made);
}
