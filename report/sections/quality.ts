import type { Analysis, Estimate, RunSummary } from '../../contracts/summary.js';
import { drawChart } from '../charts.js';
import { calibrationChart } from '../figures.js';
import { count, decimal, interval, signed } from '../format.js';
import { html, type Html } from '../html.js';
import { table } from '../table.js';
import { block, nothing, type Section } from './section.js';

/** Classes up to which the whole confusion matrix is readable; above, the worst pairs are listed. */
const MATRIX_CLASSES = 20;
const CONFUSED_PAIRS = 20;

/** Where the model is weakest. */
export function slicesSection({ analysis }: RunSummary): Section {
  const slices = analysis?.slices ?? [];
  const rows = slices.map(({ name, support, uniform, weighted }) => [
    html`<bdi>${name}</bdi>`,
    { show: count(support), sort: support },
    decimal(uniform.value),
    decimal(weighted.value),
    { show: signed(weighted.value - uniform.value), sort: weighted.value - uniform.value },
    { show: range(uniform, weighted, slices), sort: weighted.value },
  ]);
  const columns = [
    { head: 'slice' },
    { head: 'samples', numeric: true },
    { head: 'uniform', numeric: true },
    { head: 'weighted', numeric: true },
    { head: 'change', numeric: true },
    { head: 'weighted, 95%' },
  ];
  return {
    id: 'slices',
    title: 'Slices',
    lead: `Parts of the test split that a person can name, by ${analysis?.metric ?? 'metric'} with uniform weights, worst first. The tick is uniform, the dot weighted.`,
    body:
      slices.length > 0
        ? table('Slices', columns, rows, rows.length > 24)
        : nothing('No slice had enough samples.'),
  };
}

/** A small interval drawing in a table cell; all rows share one scale. */
function range(uniform: Estimate, weighted: Estimate, slices: Analysis['slices']): Html {
  const low = Math.min(...slices.flatMap((one) => [one.uniform.value, one.weighted.low]));
  const high = Math.max(...slices.flatMap((one) => [one.uniform.value, one.weighted.high]));
  const at = (value: number): string => (((value - low) / (high - low || 1)) * 100).toFixed(1);
  const width = (Number(at(weighted.high)) - Number(at(weighted.low))).toFixed(1);
  return html`<span class="range" title="${interval(weighted)}"
    ><i class="span" style="left:${at(weighted.low)}%;width:${width}%"></i
    ><i class="tick" style="left:${at(uniform.value)}%"></i
    ><i class="dot" style="left:${at(weighted.value)}%"></i
  ></span>`;
}

/** Precision, recall and F1 of every class, and what is taken for what. */
export function classesSection({ analysis }: RunSummary): Section {
  const base = { id: 'classes', title: 'Classes', lead: 'On the test split, with the chosen weights.' };
  if (!analysis) return { ...base, body: nothing('Not judged: the stage analyse was skipped.') };
  const rows = analysis.perClass.map(({ name, support, precision, recall, f1 }) => [
    html`<bdi>${name}</bdi>`,
    { show: count(support), sort: support },
    decimal(precision),
    decimal(recall),
    {
      show: html`<span class="meter"
          ><i style="width:${(Math.max(0, Math.min(1, f1)) * 100).toFixed(1)}%"></i></span
        >${decimal(f1)}`,
      sort: f1,
    },
  ]);
  const columns = [
    { head: 'class' },
    { head: 'samples', numeric: true },
    { head: 'precision', numeric: true },
    { head: 'recall', numeric: true },
    { head: 'f1', numeric: true },
  ];
  return {
    ...base,
    body: html`${table('Per class', columns, rows, { tall: rows.length > 24, most: 200 })}${block('confusion', confusion(analysis))}`,
  };
}

function confusion({ perClass, confusion: counts }: Analysis): Html {
  const names = perClass.map(({ name }) => name);
  if (counts.length === 0) return nothing('No predictions.');
  if (counts.length > MATRIX_CLASSES) return confusedPairs(names, counts);
  const most = Math.max(1, ...counts.flatMap((row, i) => row.filter((_, j) => i !== j)));
  const body = counts.map((row, i) => {
    const cells = row.map((n, j) =>
      i === j
        ? html`<td class="num hit">${count(n)}</td>`
        : html`<td class="num" style="--heat:${Math.round((n / most) * 60)}%">
            ${n === 0 ? html`<span class="zero">0</span>` : count(n)}
          </td>`,
    );
    return html`<tr>
      <th scope="row"><bdi>${names[i] ?? String(i)}</bdi></th>
      ${cells}
    </tr>`;
  });
  return html`<div class="scroll" role="group" aria-label="Confusion matrix" tabindex="0">
    <table class="matrix">
      <caption>
        Rows: what is true. Columns: what the model says.
      </caption>
      <thead>
        <tr>
          <td></td>
          ${names.map((name) => html`<th scope="col" class="num"><bdi>${name}</bdi></th>`)}
        </tr>
      </thead>
      <tbody>
        ${body}
      </tbody>
    </table>
  </div>`;
}

function confusedPairs(names: readonly string[], counts: Analysis['confusion']): Html {
  const pairs = counts
    .flatMap((row, i) =>
      row.map((n, j) => ({ truth: names[i] ?? String(i), said: names[j] ?? String(j), n, wrong: i !== j })),
    )
    .filter(({ n, wrong }) => wrong && n > 0)
    .sort((a, b) => b.n - a.n)
    .slice(0, CONFUSED_PAIRS);
  const columns = [{ head: 'true class' }, { head: 'model says' }, { head: 'samples', numeric: true }];
  const rows = pairs.map(({ truth, said, n }) => [
    html`<bdi>${truth}</bdi>`,
    html`<bdi>${said}</bdi>`,
    count(n),
  ]);
  return table(`Most confused pairs of ${names.length} classes`, columns, rows);
}

/** Mean distance of confidence and accuracy over samples; 0 where there are none. */
export function calibrationError(bins: Analysis['calibration']): number {
  const total = bins.reduce((sum, bin) => sum + bin.count, 0);
  return bins.reduce(
    (sum, bin) => sum + (bin.count / (total || 1)) * Math.abs(bin.accuracy - bin.confidence),
    0,
  );
}

/** Whether the model is as sure as it should be. */
export function calibrationSection({ analysis }: RunSummary): Section {
  const bins = analysis?.calibration ?? [];
  const total = bins.reduce((sum, bin) => sum + bin.count, 0);
  return {
    id: 'calibration',
    title: 'Calibration',
    lead:
      total === 0
        ? ''
        : `Expected calibration error ${decimal(calibrationError(bins))}. Above the diagonal the model is too modest, below it too sure; larger dots hold more samples.`,
    body: total === 0 ? nothing('Not judged.') : drawChart(calibrationChart('calibration', bins)),
  };
}
