import type { RunSummary } from '../../contracts/summary.js';
import { count, percent } from '../format.js';
import { html } from '../html.js';
import { table } from '../table.js';
import { block, nothing, type Section } from './section.js';

/** Where targets and what people know disagree. */
export function knowledgeSection({ knowledge }: RunSummary): Section | undefined {
  if (!knowledge) return undefined;
  const rules = knowledge.rules.map(({ name, expects, fired, agrees }) => [
    html`<bdi>${name}</bdi>`,
    html`<bdi>${expects}</bdi>`,
    { show: count(fired), sort: fired },
    { show: fired === 0 ? '' : percent(agrees / fired), sort: fired === 0 ? -1 : agrees / fired },
  ]);
  const columns = [
    { head: 'rule' },
    { head: 'expects' },
    { head: 'training rows', numeric: true },
    { head: 'agree', numeric: true },
  ];
  const examples = knowledge.examples.map(({ id, rule, expected, target }) =>
    [id, target, expected, rule].map((text) => html`<bdi>${text}</bdi>`),
  );
  return {
    id: 'knowledge',
    title: 'Knowledge',
    lead: `${count(knowledge.contradicted)} training rows have a target that a rule or a fact contradicts; ${count(knowledge.quarantined)} of them were taken out.`,
    body: html`${table('Rules', columns, rules, rules.length > 24)}${block(
      'contradicted',
      examples.length > 0
        ? table(
            'Some contradicted rows',
            ['id', 'target', 'expected', 'rule'].map((head) => ({ head })),
            examples,
          )
        : nothing('None.'),
    )}`,
  };
}
