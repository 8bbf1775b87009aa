import type { Estimate, RunSummary } from '../../contracts/summary.js';
import { drawChart } from '../charts.js';
import { armOf } from '../headline.js';
import { armsChart } from '../intervalFigures.js';
import { count, decimal, interval, percent, signed } from '../format.js';
import { html, type Html } from '../html.js';
import { table } from '../table.js';
import { block, nothing, type Section } from './section.js';

/** The figures that people look for first. */
export function tiles({ analysis, weights, rows, gate }: RunSummary): Html {
  const metric = analysis?.metric ?? '';
  const uniform = armOf(analysis?.arms ?? [], 'uniform')?.metrics[metric];
  const weighted = armOf(analysis?.arms ?? [], 'weighted')?.metrics[metric];
  const isUniform = weights.policy === 'uniform';
  const items: (Html | false)[] = [
    weighted !== undefined &&
      tile(
        `${metric}, ${isUniform ? 'test split' : 'weighted'}`,
        decimal(weighted.value),
        `95%: ${interval(weighted)}`,
        'key',
      ),
    isUniform && tile('weights', 'uniform', 'no other weights earned their place'),
    !isUniform &&
      uniform !== undefined &&
      tile(`${metric}, uniform`, decimal(uniform.value), `95%: ${interval(uniform)}`),
    !isUniform &&
      weighted !== undefined &&
      uniform !== undefined &&
      tile('gain', signed(weighted.value - uniform.value), 'weighted − uniform, test split'),
    tile(
      'effective sample size',
      percent(weights.effectiveSampleSize),
      `${weights.policy} on ${count(rows.train)} samples`,
    ),
    gate !== null &&
      tile(
        'gate',
        gate.promoted ? 'promoted' : 'refused',
        `${gate.checks.filter((check) => check.passed).length} of ${gate.checks.length} checks passed`,
        gate.promoted ? 'good' : 'bad',
      ),
  ];
  return html`<div class="tiles">${items}</div>`;
}

const tile = (name: string, value: string, note: string, tone = ''): Html =>
  html`<div class="tile ${tone}">
    <div class="tile-name">${name}</div>
    <div class="tile-value">${value}</div>
    <div class="tile-note">${note}</div>
  </div>`;

/** Metrics on the test split: what uniform, shuffled and importance weights bring. */
export function metricsSection({ analysis }: RunSummary): Section {
  const base = {
    id: 'metrics',
    title: 'Metrics',
    lead: 'Unweighted metrics on the test split, with 95% bootstrap intervals. “Shuffled” gives the same weights to the wrong samples of the same class: what it gains, weighting as such gains.',
  };
  if (!analysis) return { ...base, body: nothing('Not judged: the stage analyse was skipped.') };
  const names = [...new Set(analysis.arms.flatMap(({ metrics }) => Object.keys(metrics)))];
  const columns = [{ head: 'metric' }, ...analysis.arms.map(({ name }) => ({ head: name, numeric: true }))];
  const rows = names.map((metric) => [
    metric,
    ...analysis.arms.map(({ metrics }) => estimateCell(metrics[metric])),
  ]);
  const settings = analysis.arms.map(
    ({ name, policy, strength }) => `${name}: ${policy}, strength ${strength}`,
  );
  const openings = analysis.testOpenings === 1 ? 'once' : `${analysis.testOpenings} times`;
  return {
    ...base,
    body: html`${block(`${analysis.metric}, the metric that decides`, drawChart(armsChart('arms', analysis.metric, analysis.arms)))}${table('Metrics on the test split', columns, rows)}
      <p class="note">${settings.join(' · ')}. This test split has been opened ${openings}.</p>`,
  };
}

const estimateCell = (estimate: Estimate | undefined) =>
  estimate === undefined
    ? '–'
    : {
        show: html`${decimal(estimate.value)}<small class="ci">${interval(estimate)}</small>`,
        sort: estimate.value,
      };
