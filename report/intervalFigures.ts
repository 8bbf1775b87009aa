import type { ArmSummary, Estimate } from '../contracts/summary.js';
import { GRID, numbers, type RenderApi } from './axes.js';
import { axisStyle, INK, type Chart, type Reading } from './charts.js';
import { decimal, interval } from './format.js';

/** Named rows from top to bottom, a value axis below. */
export const oneRowEach = (names: readonly string[], scale = true) => ({
  grid: { ...GRID, left: 18, bottom: 4 },
  xAxis: { ...axisStyle, type: 'value', scale, axisLabel: numbers(), splitNumber: 4 },
  yAxis: {
    ...axisStyle,
    type: 'category',
    inverse: true,
    data: names,
    axisLabel: { ...axisStyle.axisLabel, color: INK.strong },
  },
});

/** Each way of training: its value and 95% interval on the test split. */
export function armsChart(id: string, metric: string, arms: readonly ArmSummary[]): Chart {
  const rows = arms.flatMap(({ name, metrics }) => (metrics[metric] ? [{ name, ...metrics[metric] }] : []));
  return {
    id,
    label: `${metric} on the test split: ${rows.map((row) => `${row.name} ${decimal(row.value)}`).join(', ')}`,
    heightPx: 56 + 40 * rows.length,
    readings: rows.map(readingOf),
    option: () => ({
      ...oneRowEach(rows.map(({ name }) => name)),
      series: [
        {
          type: 'custom',
          encode: { x: [0, 1, 2], y: 3 },
          data: rows.map(({ name, value, low, high }, index) => [
            low,
            value,
            high,
            index,
            name === 'weighted' ? 1 : 0,
          ]),
          renderItem: (_: unknown, api: RenderApi) => whisker(api),
        },
      ],
    }),
  };
}

/** Changes with their 95% intervals; the dashed line is no change. */
export function changesChart(
  id: string,
  what: string,
  rows: readonly {
    readonly name: string;
    readonly value: number;
    readonly low: number;
    readonly high: number;
  }[],
): Chart {
  return {
    id,
    label: `${what}: ${rows.map(({ name, value }) => `${name} ${decimal(value)}`).join(', ')}`,
    heightPx: 56 + 40 * rows.length,
    readings: rows.map(readingOf),
    option: () => ({
      ...oneRowEach(
        rows.map(({ name }) => name),
        false,
      ),
      series: [
        {
          type: 'custom',
          encode: { x: [0, 1, 2], y: 3 },
          data: rows.map(({ value, low, high }, index) => [low, value, high, index, 1]),
          renderItem: (_: unknown, api: RenderApi) => whisker(api),
          markLine: {
            ...{ silent: true, symbol: 'none', label: { show: false }, data: [{ xAxis: 0 }] },
            lineStyle: { color: INK.neutral, type: 'dashed' },
          },
        },
      ],
    }),
  };
}

const readingOf = ({ name, ...estimate }: Estimate & { readonly name: string }, row: number): Reading => ({
  at: [estimate.value, row],
  text: `${name}: ${decimal(estimate.value, 4)} (95%: ${interval(estimate, 4)})`,
});

function whisker(api: RenderApi) {
  const at = (dimension: number) => api.coord([api.value(dimension), api.value(3)]);
  const [left, y] = at(0);
  const [middle] = at(1);
  const [right] = at(2);
  const stroke = api.value(4) === 1 ? INK.accent : INK.neutral;
  const line = (x1: number, y1: number, x2: number, y2: number) => ({
    type: 'line',
    shape: { x1, y1, x2, y2 },
    style: { stroke, lineWidth: 2 },
  });
  return {
    type: 'group',
    children: [
      line(left, y, right, y),
      line(left, y - 5, left, y + 5),
      line(right, y - 5, right, y + 5),
      {
        type: 'circle',
        shape: { cx: middle, cy: y, r: 5.5 },
        style: { fill: stroke, stroke: INK.ground, lineWidth: 2 },
      },
    ],
  };
}
