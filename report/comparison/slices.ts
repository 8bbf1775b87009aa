import type { RunComparison } from '../../contracts/comparison.js';
import { count, decimal, signed } from '../format.js';
import { html } from '../html.js';
import { table } from '../table.js';
import { nothing, type Section } from '../sections/section.js';

/** Where one run is better and where another. */
export function slicesSection({ runs, slices, metric }: RunComparison): Section {
  const others = runs.slice(1);
  const rows = slices.map(({ name, support, values, margins }) => [
    html`<bdi>${name}</bdi>`,
    { show: count(support), sort: support },
    decimal(values[0] ?? NaN),
    ...others.flatMap((_, i) => {
      const change = (values[i + 1] ?? NaN) - (values[0] ?? NaN);
      const isReal = Math.abs(change) > (margins[i + 1] ?? 0) && change !== 0;
      const tone = isReal ? (change > 0 ? 'gained' : 'lost') : '';
      return [
        decimal(values[i + 1] ?? NaN),
        {
          show: html`<span class="${tone}">${signed(change)}</span
            ><small class="ci">± ${decimal(margins[i + 1] ?? NaN)}</small>`,
          sort: change,
        },
      ];
    }),
  ]);
  const columns = [
    { head: 'slice' },
    { head: 'samples', numeric: true },
    { head: runs[0]!.label, numeric: true },
    ...others.flatMap(({ label }) => [
      { head: label, numeric: true },
      { head: `${label} − ${runs[0]!.label}`, numeric: true },
    ]),
  ];
  return {
    id: 'slices',
    title: 'Slices',
    lead: `Mean ${metric} on the common test samples, the weakest of ${runs[0]!.label} first. A change beyond its own 95% interval is set in bold; intervals are of one slice, not corrected for looking at many.`,
    body:
      rows.length === 0
        ? nothing('No slice has enough samples.')
        : table('Slices by run', columns, rows, { tall: rows.length > 12, filter: true }),
  };
}
