import type { Knowledge, KnowledgeSummary } from '../../contracts/knowledge.js';
import type { ColumnBatch } from '../../contracts/table.js';
import { joinedTexts } from '../features/columns.js';
import { knowledgeGraph } from './graph.js';
import { rowsOfRule } from './rules.js';

/** What one rule says of rows' targets: 1 = as it expects, −1 = otherwise, 0 = it doesn't speak of the row. */
export interface Vote {
  readonly rule: string;
  readonly expects: string;
  readonly says: Int8Array; // (n,)
}

/** What the taxonomy is called beside rules. */
const GRAPH = 'knowledge graph';

/**
 * What every rule, and the taxonomy, says of the targets of these rows.
 *
 * @param text names of columns in which the graph's nodes are looked for
 */
export function votesOf(
  { rules, facts }: Knowledge,
  batch: ColumnBatch,
  targets: readonly (string | null)[],
  text: readonly string[],
): Vote[] {
  const votes = rules.map((rule): Vote => {
    const fired = rowsOfRule(rule, batch);
    const says = Int8Array.from(fired, (fires, row) =>
      fires === 0 ? 0 : targets[row] === rule.then ? 1 : -1,
    );
    return { rule: rule.name, expects: rule.then, says };
  });
  if (facts.length === 0 || text.length === 0) return votes;
  const graph = knowledgeGraph(facts);
  const texts = joinedTexts(batch, text);
  const says = Int8Array.from(texts, (one, row) => graph.fits(graph.mentions(one), targets[row] ?? ''));
  return [...votes, { rule: GRAPH, expects: 'a target that fits what the text names', says }];
}

const EXAMPLES = 20;

/** Agreement of rules and targets over the rows of the training split. */
export function summariseVotes(
  votes: readonly Vote[],
  rows: Int32Array,
  ids: readonly (string | null)[],
  targets: readonly (string | null)[],
): Omit<KnowledgeSummary, 'quarantined'> {
  const contradicted = rows.filter((row) => votes.some(({ says }) => says[row] === -1));
  return {
    rules: votes.map(({ rule, expects, says }) => ({
      name: rule,
      expects,
      fired: rows.reduce((sum, row) => sum + Number(says[row] !== 0), 0),
      agrees: rows.reduce((sum, row) => sum + Number(says[row] === 1), 0),
    })),
    examples: Array.from(contradicted.slice(0, EXAMPLES), (row) => {
      const { rule, expects } = votes.find(({ says }) => says[row] === -1)!;
      return { id: ids[row] ?? '', rule, expected: expects, target: targets[row] ?? '' };
    }),
    contradicted: contradicted.length,
  };
}
