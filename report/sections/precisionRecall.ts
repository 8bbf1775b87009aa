import type { RunSummary } from '../../contracts/summary.js';
import { cut } from '../../core/text/columns.js';
import { drawChart } from '../charts.js';
import { count, decimal } from '../format.js';
import { html } from '../html.js';
import { linesChart, MOST_LINES } from '../leaderboardCharts.js';
import { sparkline } from '../sparkline.js';
import { table } from '../table.js';
import type { Section } from './section.js';

/** Precision against recall of every class. */
export function precisionRecallSection({ detail }: RunSummary): Section | undefined {
  const curves = detail?.precisionRecall ?? [];
  if (curves.length === 0) return undefined;
  const shown = curves.slice(0, MOST_LINES);
  const which = shown.length < curves.length ? `the ${shown.length} hardest classes` : 'every class';
  const rows = curves.map(({ name, support, averagePrecision, precisions }) => [
    html`<bdi>${name}</bdi>`,
    { show: count(support), sort: support },
    decimal(averagePrecision),
    decimal(precisions[Math.round(0.9 * (precisions.length - 1))] ?? NaN),
    { show: sparkline(precisions.filter((_, i) => i % 2 === 0)), sort: averagePrecision },
  ]);
  return {
    id: 'precision-recall',
    title: 'Precision and recall',
    lead: 'On the test split, with the chosen weights, as the threshold of a class falls: the best precision that still finds that share of its samples.',
    body: html`${drawChart(
      linesChart(
        'precisionrecall',
        `Precision by recall of ${which}`,
        { x: 'recall', y: 'precision', range: [0, 1] },
        shown.map(({ name, precisions }) => ({ name: cut(name, MOST_NAME), values: precisions })),
      ),
    )}
    ${table(
      'Average precision by class',
      [
        { head: 'class' },
        { head: 'samples', numeric: true },
        { head: 'average precision', numeric: true },
        { head: 'precision at 90% recall', numeric: true },
        { head: 'curve' },
      ],
      rows,
      { tall: rows.length > 24, filter: rows.length > 12 },
    )}`,
  };
}

const MOST_NAME = 18;
