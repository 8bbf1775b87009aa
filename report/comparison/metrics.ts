import type { RunComparison } from '../../contracts/comparison.js';
import { drawChart } from '../charts.js';
import { count, decimal, interval, pValue, signed } from '../format.js';
import { changesChart } from '../intervalFigures.js';
import { html } from '../html.js';
import { table } from '../table.js';
import { mark, type Section } from '../sections/section.js';
import { verdictOf } from './headline.js';

/** Every run against the first, sample by sample. */
export function pairedSection({ metric, runs, paired, common }: RunComparison): Section {
  const [base] = runs as [RunComparison['runs'][number]];
  const rows = paired.map((one) => {
    const found = verdictOf(one);
    return [
      `${one.label} − ${base.label}`,
      found === 'same' ? html`<span class="zero">same</span>` : mark(found === 'better', 'better', 'worse'),
      { show: signed(one.change.value, 4), sort: one.change.value },
      interval(one.change, 4),
      { show: count(one.fixed), sort: one.fixed },
      { show: count(one.broken), sort: one.broken },
      { show: pValue(one.pValue), sort: one.pValue },
    ];
  });
  const openings = common.openings === 1 ? 'once' : `${common.openings} times`;
  return {
    id: 'paired',
    title: 'Paired on the same samples',
    lead: `On the ${count(common.samples)} test samples that all runs have with the same target; 95% bootstrap intervals of the difference, whole groups drawn. This test split has been opened ${openings}: the more often runs are chosen by it, the less it says.`,
    body: html`${drawChart(
      changesChart(
        'paired',
        `change of ${metric} against ${base.label}`,
        paired.map(({ label, change }) => ({ name: label, ...change })),
      ),
    )}
    ${table(
      'Paired differences',
      [
        { head: 'runs' },
        { head: 'verdict' },
        { head: `change of ${metric}`, numeric: true },
        { head: '95%', numeric: true },
        { head: 'only this is right', numeric: true },
        { head: `only ${base.label} is right`, numeric: true },
        { head: 'p (McNemar)', numeric: true },
      ],
      rows,
    )}`,
  };
}

/** What each run says of itself. */
export function metricsSection({ runs, metrics }: RunComparison): Section {
  const columns = [{ head: 'metric' }, ...runs.map(({ label }) => ({ head: label, numeric: true }))];
  const rows = metrics.map(({ name, values }) => [
    name,
    ...values.map((estimate) =>
      estimate === null
        ? '–'
        : {
            show: html`${decimal(estimate.value)}<small class="ci">${interval(estimate)}</small>`,
            sort: estimate.value,
          },
    ),
  ]);
  return {
    id: 'metrics',
    title: 'Metrics',
    lead: 'Of each run on its own test split, with its chosen weights; 95% bootstrap intervals.',
    body: table('Metrics by run', columns, rows),
  };
}
