import type { ScoreGroup } from '../../contracts/detail.js';
import type { RunSummary } from '../../contracts/summary.js';
import { count, decimal, isolated } from '../format.js';
import { html, type Html } from '../html.js';
import { table } from '../table.js';
import { block, type Section } from './section.js';

/** Scores and weights of the training samples, by class and by slice. */
export function spreadSection({ detail, scores }: RunSummary): Section | undefined {
  const groupings = detail?.scoresBy ?? [];
  if (groupings.length === 0) return undefined;
  return {
    id: 'spread',
    title: 'Scores by class and slice',
    lead: `Where training samples are worth little, the lowest median first. The band holds half of the samples, the line nine in ten, the tick is the median score in ${scores.unit}.`,
    body: html`${groupings.map(({ column, groups }) => block(`by ${isolated(column)}`, groupTable(column, groups)))}`,
  };
}

function groupTable(column: string, groups: readonly ScoreGroup[]): Html {
  const low = Math.min(...groups.map(({ quantiles }) => quantiles[0]));
  const high = Math.max(...groups.map(({ quantiles }) => quantiles[4]));
  const rows = groups.map(({ name, samples, quantiles, meanWeight }) => [
    html`<bdi>${name}</bdi>`,
    { show: count(samples), sort: samples },
    decimal(quantiles[2], 2),
    decimal(meanWeight, 2),
    { show: box(quantiles, low, high), sort: quantiles[2] },
  ]);
  const columns = [
    { head: column },
    { head: 'samples', numeric: true },
    { head: 'median score', numeric: true },
    { head: 'mean weight', numeric: true },
    { head: '5% – 95%' },
  ];
  const options = { tall: rows.length > 12, filter: rows.length > 12 };
  return table(`Scores and weights by ${column}`, columns, rows, options);
}

/** Five quantiles as a band, a line and a tick; all rows share one scale. */
function box([least, lower, median, upper, most]: ScoreGroup['quantiles'], low: number, high: number): Html {
  const at = (value: number): number => ((value - low) / (high - low || 1)) * 100;
  const span = (from: number, to: number): string =>
    `left:${at(from).toFixed(1)}%;width:${(at(to) - at(from)).toFixed(1)}%`;
  return html`<span class="range" title="${decimal(least, 2)} – ${decimal(most, 2)}"
    ><i class="span" style="${span(least, most)}"></i><i class="band" style="${span(lower, upper)}"></i
    ><i class="tick strong" style="left:${at(median).toFixed(1)}%"></i
  ></span>`;
}
