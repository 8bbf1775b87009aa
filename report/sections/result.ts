import type { ArmSummary, Estimate, RunSummary } from '../../contracts/summary.js';
import { drawChart } from '../charts.js';
import { armsChart } from '../figures.js';
import { count, decimal, interval, percent, signed } from '../format.js';
import { html, type Html } from '../html.js';
import { table } from '../table.js';
import { block, nothing, type Section } from './section.js';

/** What the run found, in one sentence. */
export function headline({ analysis, weights }: RunSummary): string {
  if (!analysis) return 'The run ended without a judgement on the test split: the stage analyse was skipped.';
  const { metric } = analysis;
  const uniform = armOf(analysis.arms, 'uniform')?.metrics[metric];
  const weighted = armOf(analysis.arms, 'weighted')?.metrics[metric];
  if (weights.policy === 'uniform') {
    const reached = uniform ? ` It reaches ${metric} ${decimal(uniform.value)} on the test split.` : '';
    return `Uniform weights stay: no weighting of the training samples earned its place.${reached}`;
  }
  if (!uniform || !weighted) return `Training with ${weights.policy} weights was chosen.`;
  const gain = weighted.value - uniform.value;
  const where = Math.abs(gain) < 0.0005 ? 'as much as' : `${signed(gain)} against`;
  return `Training with ${weights.policy} weights gets ${metric} ${decimal(weighted.value)} on the test split, ${where} uniform weights.`;
}

/** The figures that people look for first. */
export function tiles({ analysis, weights, rows, gate }: RunSummary): Html {
  const metric = analysis?.metric ?? '';
  const uniform = armOf(analysis?.arms ?? [], 'uniform')?.metrics[metric];
  const weighted = armOf(analysis?.arms ?? [], 'weighted')?.metrics[metric];
  const items: (Html | false)[] = [
    weighted !== undefined &&
      tile(`${metric}, weighted`, decimal(weighted.value), `95%: ${interval(weighted)}`, 'key'),
    uniform !== undefined && tile(`${metric}, uniform`, decimal(uniform.value), `95%: ${interval(uniform)}`),
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

const armOf = (arms: readonly ArmSummary[], name: ArmSummary['name']): ArmSummary | undefined =>
  arms.find((arm) => arm.name === name);
