import { DataError } from '../contracts/errors.js';
import { nearestName } from '../core/nearestName.js';
import type { RecordBlock, SourceRecord } from '../core/ingest/source.js';
import type { Answerer } from './ensemble.js';
import type { OutputColumn, OutputRow, PartFiles, ShardCounts } from './partFiles.js';
import { tableOf } from './rowReader.js';
import { answersOf, groupName } from './servedModel.js';
import { Shards, type ShardPlan } from './shards.js';

export interface PredictRequest {
  readonly answerer: Answerer;
  /** The input, in order; `where` names it in messages. */
  readonly blocks: AsyncIterable<RecordBlock>;
  readonly where: string;
  /** Rows bring their own keys (JSONL): a column may come late. */
  readonly isLoose: boolean;
  readonly parts: PartFiles;
  /** Rows of a shard: what at most is done again after a kill. */
  readonly shardRows: number;
  /** Also the probability of every class, in a column each. */
  readonly allProbabilities: boolean;
  /** Column with the true label, if the input has it: answers are compared with it. */
  readonly target: string;
  readonly signal: AbortSignal;
  /** Told of rows that are done, those of earlier attempts included. */
  readonly progress: (rows: number) => void;
}

/** What came of a file. */
export interface Predicted {
  readonly read: number;
  readonly predicted: number;
  readonly quarantined: number;
  readonly shards: number;
  readonly resumedShards: number;
  /** Where the input has true labels: how many the model knows, how many it had right, and labels unknown to it. */
  readonly judged?: {
    readonly known: number;
    readonly right: number;
    readonly unknown: Readonly<Record<string, number>>;
  };
}

const RIGHT = 'right';
const KNOWN = 'known';
const UNKNOWN = 'unknown.';

/** A row of input: its record, or why there is none. */
type InputRow = { readonly record: SourceRecord } | RecordBlock['unreadable'][number];

/**
 * Answers a file row by row and shard by shard; what can't be read goes to the quarantine. Killed anywhere, the same call goes
 * on after the last whole shard. The output has the rows of the input in their order.
 *
 * Where the model compares the rows of a query, a shard has whole queries.
 *
 * @throws DataError where the input lacks a column that the model reads, has no rows, or has a query in two shards
 */
export async function predictFile(request: PredictRequest): Promise<Predicted> {
  const { parts, blocks, signal } = request;
  let header: readonly string[] = [];
  const shards = new Shards<InputRow>(shardPlan(request, () => header));
  const made: ShardCounts[] = [];
  let resumedShards = 0;
  const answer = async (rows: readonly InputRow[]): Promise<void> => {
    const done = await parts.done(made.length);
    if (done) resumedShards += 1;
    made.push(done ?? (await predictShard(request, made.length, header, rows)));
    request.progress(made.reduce((sum, { predicted, quarantined }) => sum + predicted + quarantined, 0));
  };
  for await (const block of blocks) {
    signal.throwIfAborted();
    if (block.header.length !== header.length && !request.isLoose) checkColumns(request, block.header);
    header = block.header;
    for (const shard of shards.add(inOrder(block))) await answer(shard);
  }
  const rest = shards.rest();
  if (rest.length > 0) await answer(rest);
  if (made.length === 0) throw new DataError(`${request.where}: no rows below the header`);
  checkColumns(request, header);
  await parts.finish(made.length, outputColumns(request, header));
  return { ...summed(made), shards: made.length, resumedShards };
}

/** Records and what could not be read, by line. */
function inOrder({ records, unreadable }: RecordBlock): InputRow[] {
  const rows: InputRow[] = [...records.map((record) => ({ record })), ...unreadable];
  return unreadable.length === 0 ? rows : rows.sort((a, b) => lineOf(a) - lineOf(b));
}

const isRecord = (row: InputRow): row is { readonly record: SourceRecord } => typeof row.record === 'object';

const lineOf = (row: InputRow): number => (isRecord(row) ? row.record.line : row.line);

function shardPlan(
  { answerer, where, shardRows }: PredictRequest,
  header: () => readonly string[],
): ShardPlan<InputRow> {
  const nameOf = (row: InputRow): string => `${where}:${lineOf(row)}`;
  const groupColumn = answerer.columns.find(({ isGroup }) => isGroup)?.name;
  if (groupColumn === undefined) return { rows: shardRows, nameOf };
  return {
    ...{ rows: shardRows, nameOf, groupColumn },
    groupOf: (row) =>
      isRecord(row) ? groupName(row.record.cells[header().indexOf(groupColumn)] ?? null) : undefined,
  };
}

async function predictShard(
  request: PredictRequest,
  shard: number,
  header: readonly string[],
  rows: readonly InputRow[],
): Promise<ShardCounts> {
  const { answerer, target, where } = request;
  const records = rows.flatMap((row) => (isRecord(row) ? [row.record] : []));
  const place = new Map(header.map((name, i) => [name, i]));
  const cellOf = ({ cells }: SourceRecord, column: string): string | null =>
    cells[place.get(column) ?? -1] ?? null;
  const read = tableOf(answerer.columns, records.length, (row, column) => cellOf(records[row]!, column));
  const reasons = new Map<number, string>();
  for (const { row, column, reason } of read.bad)
    if (!reasons.has(row)) reasons.set(row, `${column}: ${reason}`);
  const probabilities = answerer.probabilities(read.batch);
  const answers = answersOf(probabilities, answerer, 0);
  const counts: Record<string, number> = {};
  const quarantine: object[] = rows.flatMap((row) =>
    isRecord(row)
      ? []
      : [{ file: where, line: row.line, rule: row.rule, reason: row.reason, record: row.record }],
  );
  const output: OutputRow[] = [];
  const width = answerer.classes.length;
  records.forEach((record, row) => {
    const reason = reasons.get(row);
    if (reason !== undefined) {
      const cells = header.flatMap((name, i) =>
        record.cells[i] == null ? [] : [[name, record.cells[i]] as const],
      );
      quarantine.push({
        file: where,
        line: record.line,
        rule: 'number',
        reason,
        record: JSON.stringify(Object.fromEntries(cells)),
      });
      return;
    }
    const { label, probability, score } = answers[row]!;
    judge(counts, cellOf(record, target)?.trim(), label, answerer.classes);
    const all = request.allProbabilities ? [...probabilities.subarray(row * width, (row + 1) * width)] : [];
    const own = [label, probability, ...(score === undefined ? [] : [score]), ...all];
    output.push([...header.map((_, i) => record.cells[i] ?? null), ...own]);
  });
  const made = { predicted: output.length, quarantined: quarantine.length, counts };
  await request.parts.write(shard, outputColumns(request, header), output, quarantine, made);
  return made;
}

/** Compares an answer with the true label, where there is one. */
function judge(
  counts: Record<string, number>,
  truth: string | undefined,
  label: string,
  classes: readonly string[],
): void {
  if (truth === undefined || truth === '') return;
  const count = (name: string): void => void (counts[name] = (counts[name] ?? 0) + 1);
  if (!classes.includes(truth)) return count(`${UNKNOWN}${truth}`);
  count(KNOWN);
  if (truth === label) count(RIGHT);
}

/** The input's columns under their names, then ours; theirs that are called like ours get `source.` before them. */
function outputColumns(
  { answerer, allProbabilities }: PredictRequest,
  header: readonly string[],
): OutputColumn[] {
  const own = [
    ...['prediction', 'probability'],
    ...(answerer.scores ? ['score'] : []),
    ...(allProbabilities ? answerer.classes.map((name) => `p(${name})`) : []),
  ];
  return [
    ...header.map((name) => ({ name: own.includes(name) ? `source.${name}` : name, type: 'utf8' as const })),
    ...own.map((name) => ({ name, type: name === 'prediction' ? ('utf8' as const) : ('float64' as const) })),
  ];
}

function checkColumns({ answerer, where }: PredictRequest, header: readonly string[]): void {
  const missing = answerer.columns.filter(({ name }) => !header.includes(name));
  const [first] = missing;
  if (!first) return;
  const near = nearestName(first.name, header);
  const shown = header.slice(0, 20).join(', ') + (header.length > 20 ? ', …' : '');
  throw new DataError(
    `${where}: ${answerer.name} reads the column${missing.length > 1 ? 's' : ''} ${missing.map(({ name }) => `"${name}"`).join(', ')}, ` +
      `which the file lacks; it has ${shown || 'none'}${near === undefined ? '' : `; did you mean "${near}"? Rename it`}`,
  );
}

function summed(made: readonly ShardCounts[]): Omit<Predicted, 'shards' | 'resumedShards'> {
  const predicted = made.reduce((sum, one) => sum + one.predicted, 0);
  const quarantined = made.reduce((sum, one) => sum + one.quarantined, 0);
  const counts: Record<string, number> = {};
  for (const one of made) {
    for (const [name, value] of Object.entries(one.counts)) counts[name] = (counts[name] ?? 0) + value;
  }
  const unknown = Object.entries(counts).filter(([name]) => name.startsWith(UNKNOWN));
  const isJudged = Object.keys(counts).length > 0;
  return {
    ...{ read: predicted + quarantined, predicted, quarantined },
    ...(isJudged
      ? {
          judged: {
            known: counts[KNOWN] ?? 0,
            right: counts[RIGHT] ?? 0,
            unknown: Object.fromEntries(unknown.map(([name, value]) => [name.slice(UNKNOWN.length), value])),
          },
        }
      : {}),
  };
}
