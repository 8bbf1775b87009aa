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
 * What every rule, and the taxonomy, says of the targets of some rows.
 *
 * @param text names of columns in which the graph's nodes are looked for
 * @throws DataError where the taxonomy goes round in a circle
 */
export function votesOf(
  { rules, facts }: Knowledge,
  text: readonly string[],
): (batch: ColumnBatch, targets: readonly (string | null)[]) => Vote[] {
  const graph = knowledgeGraph(facts);
  return (batch, targets) => {
    const votes = rules.map((rule): Vote => {
      const fired = rowsOfRule(rule, batch);
      const says = Int8Array.from(fired, (fires, row) =>
        fires === 0 ? 0 : targets[row] === rule.then ? 1 : -1,
      );
      return { rule: rule.name, expects: rule.then, says };
    });
    if (facts.length === 0 || text.length === 0) return votes;
    const texts = joinedTexts(batch, text);
    const says = Int8Array.from(texts, (one, row) => graph.fits(graph.mentions(one), targets[row] ?? ''));
    return [...votes, { rule: GRAPH, expects: 'a target that fits what the text names', says }];
  };
}

/** Whether a rule says no. */
export const contradicts = (votes: readonly Vote[], row: number): boolean =>
  votes.some(({ says }) => says[row] === -1);

/** Contradicted rows that a summary names. */
export const CONTRADICTIONS_NAMED = 20;

/**
 * Agreement of rules and targets over the rows of the training split.
 *
 * @param named the first of the contradicted ones
 */
export function summariseVotes(
  votes: readonly Vote[],
  rows: Int32Array,
  named: (row: number) => { readonly id: string; readonly target: string },
): Omit<KnowledgeSummary, 'quarantined'> {
  const contradicted = rows.filter((row) => contradicts(votes, row));
  return {
    rules: votes.map(({ rule, expects, says }) => ({
      name: rule,
      expects,
      fired: rows.reduce((sum, row) => sum + Number(says[row] !== 0), 0),
      agrees: rows.reduce((sum, row) => sum + Number(says[row] === 1), 0),
    })),
    examples: Array.from(contradicted.slice(0, CONTRADICTIONS_NAMED), (row) => {
      const { rule, expects } = votes.find(({ says }) => says[row] === -1)!;
      return { ...named(row), rule, expected: expects };
    }),
    contradicted: contradicted.length,
  };
}
