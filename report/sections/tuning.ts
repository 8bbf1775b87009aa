import type { RunSummary } from '../../contracts/summary.js';
import type { TuningSummary } from '../../contracts/tune.js';
import { drawChart } from '../charts.js';
import { decimal, percent } from '../format.js';
import { html } from '../html.js';
import { table } from '../table.js';
import { trialsChart } from '../tuningFigures.js';
import { block, mark, type Section } from './section.js';

/** What the search of settings tried, and why one of them won. */
export function tuningSection({ tuning }: RunSummary): Section | undefined {
  if (!tuning) return undefined;
  const { method, metric, folds, trials, reason } = tuning;
  const lead =
    `Settings of the model, with uniform weights, judged on the training split alone: ${folds} folds, each trial at its own best strength. ` +
    (method === 'asha'
      ? 'All begin on few rows, the best go on to more; only figures of the same share compare.'
      : 'All are judged on all rows.');
  return {
    id: 'tuning',
    title: 'Tuning',
    lead,
    body: html`<p>${reason}</p>
      ${block(`Trials that were judged on all rows, by ${metric}; thick: the chosen one, orange: as configured`, drawChart(trialsChart('trials', tuning)))}
      ${trialsTable(tuning, trials.length > 24)}`,
  };
}

function trialsTable({ trials, chosen, metric }: TuningSummary, tall: boolean) {
  const names = Object.keys(trials[0]!.params);
  const shares = [...new Set(trials.flatMap(({ rungs }) => rungs.map(({ share }) => share)))].sort(
    (a, b) => a - b,
  );
  const columns = [
    { head: 'trial' },
    ...names.map((head) => ({ head })),
    ...shares.map((share) => ({ head: share === 1 ? metric : `on ${percent(share)}`, numeric: true })),
    { head: 'strength', numeric: true },
    { head: 'outcome' },
  ];
  const rows = trials.map(({ number, params, rungs }) => {
    const last = rungs.at(-1);
    const outcome =
      number === chosen
        ? mark(true, 'chosen')
        : last?.value === null
          ? mark(false, '', 'diverged')
          : number === 0
            ? 'as configured'
            : last?.share === 1
              ? ''
              : 'ended early';
    return [
      { show: String(number), sort: number },
      ...names.map((name) => cellOf(params[name])),
      ...shares.map((share) => {
        const value = rungs.find((one) => one.share === share)?.value ?? NaN;
        return { show: decimal(value, 4), sort: Number.isNaN(value) ? -1 : value };
      }),
      last?.strength == null ? '–' : String(last.strength),
      outcome,
    ];
  });
  return table('Trials', columns, rows, tall);
}

const cellOf = (value: unknown) =>
  typeof value === 'number'
    ? { show: String(value), sort: value }
    : typeof value === 'string'
      ? value
      : JSON.stringify(value);
