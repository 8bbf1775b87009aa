import type { RunSummary } from '../../contracts/summary.js';
import { count, decimal, interval, percent } from '../format.js';
import { html } from '../html.js';
import { table } from '../table.js';
import type { Section } from './section.js';

const NAMES = {
  logged: 'the policy that logged',
  ips: 'the other, IPS',
  clipped_ips: 'the other, clipped IPS',
  snips: 'the other, SNIPS',
} as const;

/** Below so many outcomes, or such a share of effective rows, normal intervals are too narrow to be believed. */
const FEW_OUTCOMES = 100;
const LOW_SHARE = 0.2;

/** What another policy would have earned; only where a run asked for one. */
export function counterfactualSection({ analysis }: RunSummary): Section | undefined {
  const found = analysis?.counterfactual;
  if (!found) return undefined;
  const columns = [
    { head: 'policy' },
    ...['outcome a row', 'effective rows', 'largest weight', 'rows clipped'].map((head) => ({
      head,
      numeric: true,
    })),
  ];
  const rows = found.estimates.map((one) => [
    NAMES[one.name],
    {
      show: html`${decimal(one.value, 4)}<small class="ci">${interval(one, 4)}</small>`,
      sort: one.value,
    },
    { show: count(one.effectiveSampleSize), sort: one.effectiveSampleSize },
    decimal(one.largestWeight, 1),
    count(one.clipped),
  ]);
  const least =
    Math.min(...found.estimates.map(({ effectiveSampleSize }) => effectiveSampleSize)) / found.rows;
  const doubts = [
    ...(found.outcomes < FEW_OUTCOMES
      ? [`Only ${count(found.outcomes)} outcomes: this shows the arithmetic, and decides nothing.`]
      : []),
    ...(least < LOW_SHARE
      ? [`Few rows carry the estimate (effective: ${percent(least)} of all): intervals are too narrow.`]
      : []),
  ];
  return {
    id: 'counterfactual',
    title: 'Another policy',
    lead: `What ${/^[\d.]/.test(found.target) ? `a policy that makes each choice with chance ${found.target}` : `the policy of column ${found.target}`} would have earned on the ${count(found.rows)} test rows (${count(found.outcomes)} of ${found.outcome}), by the chances that they were logged with; 95% intervals by group.`,
    body: html`${table('Estimates by propensities', columns, rows)}${doubts.map((doubt) => html`<p class="note">${doubt}</p>`)}`,
  };
}
