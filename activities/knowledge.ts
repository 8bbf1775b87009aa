import { z } from 'zod';
import type { ArtifactRef } from '../contracts/artifact.js';
import { ConfigError, DataError } from '../contracts/errors.js';
import { type Fact, type Knowledge, KnowledgeConfig, type KnowledgeSummary } from '../contracts/knowledge.js';
import { Columns } from '../contracts/settings.js';
import type { Artifacts } from '../contracts/stage.js';
import type { ArtifactStore, StageContext } from '../contracts/store.js';
import type { ColumnBatch } from '../contracts/table.js';
import { knowledgeGraph } from '../core/knowledge/graph.js';
import { summariseVotes, type Vote, votesOf } from '../core/knowledge/votes.js';
import { quarantineBatch, QUARANTINE_COLUMNS, type QuarantinedRow } from '../core/quarantine.js';
import { gather, pickRows, texts } from '../core/table.js';
import { only, writeDocument } from './prepared.js';
import { readSource } from './readSource.js';
import type { Stage } from './stage.js';
import { VOTE_COLUMNS } from './votes.js';

const Params = z.strictObject({ columns: Columns, knowledge: KnowledgeConfig });
type Params = z.infer<typeof Params>;

const FACT_COLUMNS = ['subject', 'relation', 'object'] as const;
const MOST_FACTS = 100_000;

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
    const table = await gather(artifacts.readTable(only(inputs, 'dataset')));
    const known: Knowledge = {
      rules: params.knowledge.rules,
      facts: await readFacts(params.knowledge.graph, context),
    };
    knowledgeGraph(known.facts); // throws where a taxonomy goes round in a circle
    const targets = texts(table, 'target');
    const votes = votesOf(known, table, targets, params.columns.text);
    const training = Int32Array.from(texts(table, 'split').keys()).filter(
      (row) => texts(table, 'split')[row] === 'train',
    );
    const found = summariseVotes(votes, training, texts(table, 'id'), targets);
    const takesOut = params.knowledge.check === 'quarantine';
    const out = new Set(takesOut ? training.filter((row) => contradicts(votes, row)) : []);
    if (out.size === training.length && training.length > 0) {
      throw new DataError(
        'knowledge: every training row contradicts a rule; look at the rules, or set knowledge.check: report',
      );
    }
    const kept = Int32Array.from({ length: table.rows }, (_, row) => row).filter((row) => !out.has(row));
    const summary: KnowledgeSummary = { ...found, quarantined: out.size };
    return {
      outputs: {
        ...(out.size > 0 ? await withoutRows(table, kept, votes, out, inputs, artifacts) : inputs),
        knowledge: [await writeDocument(artifacts, known)],
        votes: [await writeVotes(artifacts, votes, kept)],
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

const contradicts = (votes: readonly Vote[], row: number): boolean =>
  votes.some(({ says }) => says[row] === -1);

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

async function withoutRows(
  table: ColumnBatch,
  kept: Int32Array,
  votes: readonly Vote[],
  out: ReadonlySet<number>,
  inputs: Artifacts,
  artifacts: ArtifactStore,
): Promise<Artifacts> {
  const dataset = only(inputs, 'dataset');
  const { columns } = await artifacts.manifest(dataset);
  const rows = [...out].map((row): QuarantinedRow => {
    const { rule, expects } = votes.find(({ says }) => says[row] === -1)!;
    const cells = Object.entries(pickRows(table, Int32Array.of(row)).columns);
    const record = Object.fromEntries(cells.map(([name, cell]) => [name, (cell as ArrayLike<unknown>)[0]]));
    return {
      id: texts(table, 'id')[row]!,
      ...{ file: null, line: NaN, stage: 'knowledge', rule: `contradicts ${rule}` },
      reason: `target ${texts(table, 'target')[row] ?? ''}; expected ${expects}`,
      record: JSON.stringify(record),
    };
  });
  async function* quarantined(): AsyncGenerator<ColumnBatch> {
    yield* artifacts.readTable(only(inputs, 'quarantine'));
    yield quarantineBatch(rows);
  }
  return {
    dataset: [await artifacts.writeTable('dataset', columns, [pickRows(table, kept)])],
    quarantine: [await artifacts.writeTable('quarantine', QUARANTINE_COLUMNS, quarantined())],
  };
}

function writeVotes(
  artifacts: ArtifactStore,
  votes: readonly Vote[],
  kept: Int32Array,
): Promise<ArtifactRef> {
  const spoken = Array.from(kept).flatMap((row, at) =>
    votes.flatMap(({ says }, rule) => (says[row] === 0 ? [] : [{ row: at, rule, says: says[row]! }])),
  );
  // One entry past the last: a rule that never speaks is a rule.
  spoken.push({ row: kept.length, rule: votes.length, says: 0 });
  const column = (name: 'row' | 'rule' | 'says') => Int32Array.from(spoken, (one) => one[name]);
  const columns = { row: column('row'), rule: column('rule'), says: column('says') };
  return artifacts.writeTable('evidence', VOTE_COLUMNS, [{ rows: spoken.length, columns }]);
}
