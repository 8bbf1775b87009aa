import { z } from 'zod';
import type { ArtifactRef } from '../contracts/artifact.js';
import { ConfigError, DataError } from '../contracts/errors.js';
import { type Fact, type Knowledge, KnowledgeConfig, type KnowledgeSummary } from '../contracts/knowledge.js';
import { Columns } from '../contracts/settings.js';
import type { Artifacts } from '../contracts/stage.js';
import type { ArtifactStore, StageContext } from '../contracts/store.js';
import type { ColumnBatch } from '../contracts/table.js';
import {
  CONTRADICTIONS_NAMED,
  contradicts,
  summariseVotes,
  type Vote,
  votesOf,
} from '../core/knowledge/votes.js';
import { quarantineBatch, QUARANTINE_COLUMNS, type QuarantinedRow } from '../core/quarantine.js';
import { pickRows, texts } from '../core/table.js';
import { only, writeDocument } from './prepared.js';
import { readSource } from './readSource.js';
import type { Stage } from './stage.js';
import { VOTE_COLUMNS } from './votes.js';

const Params = z.strictObject({ columns: Columns, knowledge: KnowledgeConfig });
type Params = z.infer<typeof Params>;

const FACT_COLUMNS = ['subject', 'relation', 'object'] as const;
const MOST_FACTS = 100_000;
const VOTES_PER_BATCH = 65_536;

/**
 * Compares targets with what people know. Outputs `dataset` and `quarantine` (without and with the training rows that
 * contradict it, where `check` says so), `knowledge`, `votes` (by row of `dataset`) and `knowledgeSummary`.
 */
export const knowledge: Stage<Params> = {
  name: 'knowledge',
  paramsSchema: Params,
  inputs: ['dataset', 'quarantine'],
  summary: ({ knowledge: { rules } }) => `targets against ${rules.length} rules`,
  async run({ params, inputs }, context) {
    const { artifacts } = context;
    const dataset = only(inputs, 'dataset');
    const known: Knowledge = {
      rules: params.knowledge.rules,
      facts: await readFacts(params.knowledge.graph, context),
    };
    const { votes, training, named } = await hear(known, params.columns.text, dataset, context);
    const found = summariseVotes(votes, training, (row) => named.get(row)!);
    const takesOut = params.knowledge.check === 'quarantine';
    const out = new Set(takesOut ? training.filter((row) => contradicts(votes, row)) : []);
    if (out.size === training.length && training.length > 0) {
      throw new DataError(
        'knowledge: every training row contradicts a rule; look at the rules, or set knowledge.check: report',
      );
    }
    const summary: KnowledgeSummary = { ...found, quarantined: out.size };
    return {
      outputs: {
        ...(out.size > 0 ? await withoutRows(votes, out, inputs, artifacts) : inputs),
        knowledge: [await writeDocument(artifacts, known)],
        votes: [await artifacts.writeTable('evidence', VOTE_COLUMNS, voteBatches(votes, dataset.rows, out))],
        knowledgeSummary: [await writeDocument(artifacts, summary)],
      },
      figures: {
        rules: known.rules.length,
        facts: known.facts.length,
        contradicted: found.contradicted,
        quarantined: out.size,
      },
    };
  },
};

interface Heard {
  readonly votes: readonly Vote[]; // of all rows
  readonly training: Int32Array; // rows
  /** The first of those that a rule contradicts. */
  readonly named: ReadonlyMap<number, { readonly id: string; readonly target: string }>;
}

/** What is known of a table's rows, batch by batch: only numbers stay. */
async function hear(
  known: Knowledge,
  text: readonly string[],
  dataset: ArtifactRef,
  { artifacts, signal, progress }: StageContext,
): Promise<Heard> {
  const votesIn = votesOf(known, text);
  const all: Vote[] = [];
  const training = new Int32Array(dataset.rows);
  const named = new Map<number, { id: string; target: string }>();
  let [from, trained] = [0, 0];
  for await (const batch of artifacts.readTable(dataset)) {
    signal.throwIfAborted();
    const [ids, targets, sides] = ['id', 'target', 'split'].map((name) => texts(batch, name));
    const votes = votesIn(batch, targets!);
    for (const [v, { says, ...vote }] of votes.entries()) {
      all[v] ??= { ...vote, says: new Int8Array(dataset.rows) };
      all[v].says.set(says, from);
    }
    for (let i = 0; i < batch.rows; i++) {
      if (sides![i] !== 'train') continue;
      training[trained++] = from + i;
      if (named.size === CONTRADICTIONS_NAMED || !contradicts(votes, i)) continue;
      named.set(from + i, { id: ids![i] ?? '', target: targets![i] ?? '' });
    }
    progress({ done: (from += batch.rows), total: dataset.rows, unit: 'rows' });
  }
  return { votes: all, training: training.subarray(0, trained), named };
}

/** Facts of the user's table, in its order, each once. @throws ConfigError | DataError */
async function readFacts(uri: string | undefined, { sources }: StageContext): Promise<Fact[]> {
  if (uri === undefined) return [];
  const facts = new Map<string, Fact>();
  const options = { format: undefined, encoding: 'utf-8', received: () => undefined } as const;
  for (const file of await sources.resolve([uri])) {
    for await (const { header, records, unreadable } of readSource(file, sources, options)) {
      const [bad] = unreadable;
      if (bad) throw new DataError(`knowledge.graph: ${file.uri}, line ${bad.line}: ${bad.reason}`);
      const places = FACT_COLUMNS.map((name) => header.indexOf(name));
      if (places.includes(-1)) {
        throw new ConfigError(
          `knowledge.graph: ${file.uri}: expected columns ${FACT_COLUMNS.join(', ')}, found ${header.join(', ')}`,
        );
      }
      for (const { cells, line } of records) {
        const [subject, relation, object] = places.map((place) => cells[place]?.trim() ?? '');
        if (!subject || !relation || !object)
          throw new DataError(
            `knowledge.graph: ${file.uri}, line ${line}: subject, relation or object is empty`,
          );
        facts.set([subject, relation, object].join('\t'), [subject, relation, object]);
      }
    }
  }
  if (facts.size <= MOST_FACTS) return [...facts.values()];
  throw new DataError(`knowledge.graph: ${uri} holds ${facts.size} facts; at most ${MOST_FACTS} are taken`);
}

/** Rows of a table for which something holds, batch by batch, with their numbers in the table. */
async function* rowsIn(
  artifacts: ArtifactStore,
  dataset: ArtifactRef,
  belongs: (row: number) => boolean,
): AsyncGenerator<{ readonly batch: ColumnBatch; readonly rows: Int32Array }> {
  let from = 0;
  for await (const batch of artifacts.readTable(dataset)) {
    const places = Int32Array.from({ length: batch.rows }, (_, i) => i).filter((i) => belongs(from + i));
    const first = from;
    if (places.length > 0) yield { batch: pickRows(batch, places), rows: places.map((i) => first + i) };
    from += batch.rows;
  }
}

async function withoutRows(
  votes: readonly Vote[],
  out: ReadonlySet<number>,
  inputs: Artifacts,
  artifacts: ArtifactStore,
): Promise<Artifacts> {
  const dataset = only(inputs, 'dataset');
  const { columns } = await artifacts.manifest(dataset);
  async function* kept(): AsyncGenerator<ColumnBatch> {
    for await (const { batch } of rowsIn(artifacts, dataset, (row) => !out.has(row))) yield batch;
  }
  async function* quarantined(): AsyncGenerator<ColumnBatch> {
    yield* artifacts.readTable(only(inputs, 'quarantine'));
    for await (const { batch, rows } of rowsIn(artifacts, dataset, (row) => out.has(row)))
      yield quarantineBatch(Array.from(rows, (row, i) => contradicted(votes, row, batch, i)));
  }
  return {
    dataset: [await artifacts.writeTable('dataset', columns, kept())],
    quarantine: [await artifacts.writeTable('quarantine', QUARANTINE_COLUMNS, quarantined())],
  };
}

/** @param place of the row in the batch */
function contradicted(
  votes: readonly Vote[],
  row: number,
  batch: ColumnBatch,
  place: number,
): QuarantinedRow {
  const { rule, expects } = votes.find(({ says }) => says[row] === -1)!;
  const cells = Object.entries(pickRows(batch, Int32Array.of(place)).columns);
  const record = Object.fromEntries(cells.map(([name, cell]) => [name, (cell as ArrayLike<unknown>)[0]]));
  return {
    id: texts(batch, 'id')[place]!,
    ...{ file: null, line: NaN, stage: 'knowledge', rule: `contradicts ${rule}` },
    reason: `target ${texts(batch, 'target')[place] ?? ''}; expected ${expects}`,
    record: JSON.stringify(record),
  };
}

/** What was said of the rows that stay, by their numbers there. */
function* voteBatches(
  votes: readonly Vote[],
  rows: number,
  out: ReadonlySet<number>,
): Generator<ColumnBatch> {
  let spoken: [row: number, rule: number, says: number][] = [];
  const batch = (): ColumnBatch => ({
    rows: spoken.length,
    columns: Object.fromEntries(
      VOTE_COLUMNS.map(({ name }, c) => [name, Int32Array.from(spoken, (one) => one[c]!)]),
    ),
  });
  let at = 0;
  for (let row = 0; row < rows; row++) {
    if (out.has(row)) continue;
    votes.forEach(({ says }, rule) => says[row] !== 0 && spoken.push([at, rule, says[row]!]));
    at++;
    if (spoken.length < VOTES_PER_BATCH) continue;
    yield batch();
    spoken = [];
  }
  // One entry past the last: a rule that never speaks is a rule.
  spoken.push([at, votes.length, 0]);
  yield batch();
}
