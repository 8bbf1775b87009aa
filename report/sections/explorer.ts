import type { RunSummary } from '../../contracts/summary.js';
import { count, decimal, signed } from '../format.js';
import { html } from '../html.js';
import { table } from '../table.js';
import { mark, type Section } from './section.js';

/** Every slice of the test split with enough samples, to be sorted and filtered. */
export function explorerSection({ detail, analysis }: RunSummary): Section | undefined {
  const slices = detail?.slices;
  if (!slices || slices.shown.length === 0) return undefined;
  const { found, shown } = slices;
  const rows = shown.map(({ name, support, uniform, weighted, margin }) => {
    const change = weighted - uniform;
    const isReal = Math.abs(change) > margin && change !== 0;
    return [
      html`<bdi>${name}</bdi>`,
      { show: count(support), sort: support },
      decimal(uniform),
      decimal(weighted),
      { show: signed(change), sort: change },
      { show: `± ${decimal(margin)}`, sort: margin },
      isReal ? mark(change > 0, 'better', 'worse') : html`<span class="zero">same</span>`,
    ];
  });
  return {
    id: 'explorer',
    title: 'Slice explorer',
    lead: `${found > shown.length ? `The ${count(shown.length)} weakest of ${count(found)}` : `All ${count(found)}`} slices of the test split by ${analysis?.metric ?? 'merit'}: click a head to sort, type to filter. Intervals are of one slice, paired, not corrected for looking at many.`,
    body: table(
      'Slice explorer',
      [
        { head: 'slice' },
        { head: 'samples', numeric: true },
        { head: 'uniform', numeric: true },
        { head: 'weighted', numeric: true },
        { head: 'change', numeric: true },
        { head: '95%', numeric: true },
        { head: 'verdict' },
      ],
      rows,
      { tall: rows.length > 12, filter: true, most: 120 },
    ),
  };
}
