import type { Shift } from '../contracts/drift.js';
import { cut } from '../core/text/columns.js';
import { INK, type Chart } from './charts.js';
import { decimal } from './format.js';
import { oneRowEach } from './intervalFigures.js';

const MOST_COLUMNS = 20;
const MOST_NAME = 24;

const INKS = { none: INK.neutral, moderate: INK.accent, large: INK.warm } as const;

/** How much each column changed, the most first, as bars; a tick marks what chance alone makes. */
export function driftChart(id: string, shifts: readonly Shift[]): Chart {
  const shown = shifts.slice(0, MOST_COLUMNS);
  return {
    id,
    label: `PSI by column: ${shown.map(({ name, psi, level }) => `${name} ${decimal(psi)} (${level})`).join(', ')}`,
    heightPx: 44 + 28 * shown.length,
    readings: shown.map(({ name, psi, chance, level }, row) => ({
      at: [psi, row],
      text: `${name}: PSI ${decimal(psi)}, by chance ${decimal(chance)}, change: ${level}`,
    })),
    option: () => ({
      ...oneRowEach(
        shown.map(({ name }) => cut(name, MOST_NAME)),
        false,
      ),
      series: [
        {
          ...{ type: 'bar', barWidth: 12 },
          data: shown.map(({ psi, level }) => ({
            value: psi,
            itemStyle: { color: INKS[level], borderRadius: 2 },
          })),
        },
        {
          ...{ type: 'scatter', symbol: 'rect', symbolSize: [2, 20] },
          data: shown.map(({ chance }, row) => [chance, row]),
          itemStyle: { color: INK.strong, opacity: 1 },
        },
      ],
    }),
  };
}
