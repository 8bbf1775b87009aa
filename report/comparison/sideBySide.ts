import type { RunComparison } from '../../contracts/comparison.js';
import { drawChart } from '../charts.js';
import { calibrationChart, histogramChart } from '../figures.js';
import { count, decimal, duration, percent, pValue, signed } from '../format.js';
import { html, type Html } from '../html.js';
import { table } from '../table.js';
import { calibrationError } from '../sections/quality.js';
import { block, nothing, type Section } from '../sections/section.js';

/** Charts of so many runs; all are in the tables. */
const DRAWN_RUNS = 6;

/** How well each run tells every class. */
export function perClassSection({ runs, perClass }: RunComparison): Section {
  const others = runs.slice(1);
  const [base] = runs;
  const columns = [
    { head: 'class' },
    { head: 'samples', numeric: true },
    { head: base!.label, numeric: true },
    ...others.flatMap(({ label }) => [
      { head: label, numeric: true },
      { head: `${label} − ${base!.label}`, numeric: true },
    ]),
  ];
  const rows = perClass.map(({ name, support, f1 }) => [
    html`<bdi>${name}</bdi>`,
    { show: count(support), sort: support },
    decimal(f1[0] ?? NaN),
    ...others.flatMap((_, i) => {
      const change = (f1[i + 1] ?? NaN) - (f1[0] ?? NaN);
      return [decimal(f1[i + 1] ?? NaN), { show: signed(change), sort: Number.isNaN(change) ? -1 : change }];
    }),
  ]);
  return {
    id: 'classes',
    title: 'Classes',
    lead: 'F1 of each run on its own test split, with its chosen weights; where runs differ most first.',
    body:
      rows.length === 0
        ? nothing('This task has no classes.')
        : table('F1 by class and run', columns, rows, {
            tall: rows.length > 12,
            filter: rows.length > 12,
            most: 200,
          }),
  };
}

/** Whether each run is as sure as it should be. */
export function calibrationSection({ runs, calibration }: RunComparison): Section {
  const rows = runs.flatMap(({ label }, i) => {
    const bins = calibration[i] ?? [];
    const samples = bins.reduce((sum, bin) => sum + bin.count, 0);
    if (samples === 0) return [];
    const mean = (of: 'confidence' | 'accuracy'): number =>
      bins.reduce((sum, bin) => sum + (bin.count / samples) * bin[of], 0);
    return [
      [
        label,
        ...[calibrationError(bins), mean('confidence'), mean('accuracy')].map((value) => decimal(value)),
      ],
    ];
  });
  const columns = [
    { head: 'run' },
    ...['expected calibration error', 'mean confidence', 'share that is right'].map((head) => ({
      head,
      numeric: true,
    })),
  ];
  return {
    id: 'calibration',
    title: 'Calibration',
    lead: 'Of each run on its own test split. Above the diagonal a run is too modest, below it too sure.',
    body:
      rows.length === 0
        ? nothing('No run was judged by how sure it is.')
        : html`${drawnPairs(runs, (at, label) => ({ ...calibrationChart(`calibration${label}`, calibration[at] ?? []), half: true }))}
          ${table('Calibration by run', columns, rows)}`,
  };
}

/** What each run's weights are, and how they spread. */
export function weightsSection({ runs, weights }: RunComparison): Section {
  const rows = runs.map(({ label }, i) => {
    const { policy, estimator, effectiveSampleSize, mixedWithUniform } = weights[i]!;
    return [
      ...[label, policy, estimator],
      { show: percent(effectiveSampleSize), sort: effectiveSampleSize },
      decimal(mixedWithUniform, 2),
    ];
  });
  const columns = [
    ...['run', 'policy', 'estimator'].map((head) => ({ head })),
    { head: 'effective sample size', numeric: true },
    { head: 'mixed with uniform', numeric: true },
  ];
  const chart = (at: number, label: string) =>
    histogramChart(
      `weights${label}`,
      `Histogram of sample weights of ${label}`,
      'weight',
      weights[at]!.histogram,
    );
  return {
    id: 'weights',
    title: 'Weights',
    lead: 'Weights have mean 1; of uniform ones there is nothing to see.',
    body: html`${drawnPairs(runs, chart, (at) => weights[at]!.histogram.filter((bin) => bin.count > 0).length > 1)}
    ${table('Weights by run', columns, rows)}`,
  };
}

function drawnPairs(
  runs: RunComparison['runs'],
  chart: (at: number, label: string) => Parameters<typeof drawChart>[0],
  isWorthIt: (at: number) => boolean = () => true,
): Html {
  const drawn = runs
    .slice(0, DRAWN_RUNS)
    .flatMap(({ label }, at) => (isWorthIt(at) ? [block(label, drawChart(chart(at, label)))] : []));
  return html`<div class="pair">${drawn}</div>`;
}

/** What each run tried, round by round. */
export function roundsSection({ runs, rounds, metric }: RunComparison): Section {
  const rows = runs.flatMap(({ label }, i) =>
    (rounds[i] ?? []).map(({ round, candidates, accepted, incumbent, metric: reached }) => {
      const best = candidates.reduce<(typeof candidates)[number] | undefined>(
        (top, one) => (top && top.metric >= one.metric ? top : one),
        undefined,
      );
      return [
        label,
        { show: String(round), sort: round },
        { show: count(candidates.length), sort: candidates.length },
        accepted ?? html`<span class="zero">none</span>`,
        incumbent,
        decimal(reached, 4),
        { show: signed(best?.gain ?? NaN, 4), sort: best?.gain ?? 0 },
        { show: best ? pValue(best.pValue) : '–', sort: best?.pValue ?? 1 },
      ];
    }),
  );
  const columns = [
    { head: 'run' },
    { head: 'round', numeric: true },
    { head: 'candidates', numeric: true },
    { head: 'accepted' },
    { head: 'incumbent' },
    { head: metric, numeric: true },
    { head: 'best gain', numeric: true },
    { head: 'p', numeric: true },
  ];
  return {
    id: 'rounds',
    title: 'Rounds',
    lead: 'What each round took over, judged out of fold: compare rounds of one run, not runs.',
    body:
      rows.length === 0
        ? nothing('No run played a round.')
        : table('Rounds by run', columns, rows, rows.length > 24),
  };
}

/** What each stage took in each run. */
export function costSection({ runs, stages }: RunComparison): Section {
  const columns = [{ head: 'stage' }, ...runs.map(({ label }) => ({ head: label, numeric: true }))];
  const rows = stages.map(({ stage, seconds }) => [
    html`<code>${stage}</code>`,
    ...seconds.map((value) => ({ show: value === null ? '–' : duration(1000 * value), sort: value ?? -1 })),
  ]);
  return {
    id: 'cost',
    title: 'Cost',
    lead: 'Wall time by stage, the longest first; what was reused from the cache took none.',
    body: rows.length === 0 ? nothing('No stage has ended.') : table('Time by stage and run', columns, rows),
  };
}
