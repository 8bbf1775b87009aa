import { legendRoom } from './axes.js';
import { axisStyle, INK, type Chart } from './charts.js';
import { decimal, isolated, percent } from './format.js';

/** A line of a chart. */
export interface NamedLine {
  readonly name: string;
  readonly values: readonly number[];
}

/** Accented, then plain, dashed and dotted: told apart without colour. */
const LOOKS = [
  { color: INK.accent, width: 2.5, type: 'solid' },
  { color: INK.strong, width: 1.5, type: 'solid' },
  { color: INK.strong, width: 1.5, type: 'dashed' },
  { color: INK.neutral, width: 1.5, type: 'solid' },
  { color: INK.neutral, width: 1.5, type: 'dashed' },
  { color: INK.neutral, width: 1.5, type: 'dotted' },
] as const;

/** As many as can be told apart. */
export const MOST_LINES = LOOKS.length;

/**
 * Lines over the share of the rows.
 *
 * @param first share at the first value; the last is at 1
 */
export function linesChart(
  id: string,
  label: string,
  axes: { readonly x: string; readonly y: string; readonly range?: readonly [number, number] },
  lines: readonly NamedLine[],
  first = 0,
): Chart {
  const shareAt = (at: number, of: number): number => first + ((1 - first) * at) / Math.max(of - 1, 1);
  return {
    id,
    label: `${label}: ${lines.map(({ name, values }) => `${name} ${decimal(middle(values), 2)} half way`).join(', ')}`,
    heightPx: 340,
    readings: lines.flatMap(({ name, values }) =>
      values.map((value, i) => {
        const share = shareAt(i, values.length);
        return {
          at: [share, value] as const,
          text: `${isolated(name)}: ${axes.x} ${percent(share)}, ${axes.y} ${decimal(value, 2)}`,
        };
      }),
    ),
    option: (width) => ({
      grid: { left: 48, right: 16, top: legendRoom(lines, width), bottom: 44 },
      legend: {
        ...{ top: 0, left: 40, right: 8, itemWidth: 32, itemGap: 14, data: lines.map(({ name }) => name) },
        textStyle: { color: INK.text, fontSize: 12, fontFamily: 'var(--sans)' },
      },
      xAxis: {
        ...axisStyle,
        ...{ type: 'value', min: 0, max: 1, name: axes.x, nameLocation: 'middle', nameGap: 28 },
        axisLabel: { ...axisStyle.axisLabel, formatter: (value: number) => percent(value) },
      },
      yAxis: {
        ...axisStyle,
        ...{
          type: 'value',
          scale: true,
          name: axes.y,
          nameLocation: 'middle',
          nameGap: 34,
          splitNumber: axes.range ? 5 : 4,
        },
        ...(axes.range ? { min: axes.range[0], max: axes.range[1] } : {}),
        axisLine: { show: false },
        axisLabel: { ...axisStyle.axisLabel, formatter: (value: number) => decimal(value, 2) },
      },
      series: lines.map(({ name, values }, at) => ({
        ...{ name, type: 'line', symbol: 'none' },
        data: values.map((value, i) => [shareAt(i, values.length), value]),
        lineStyle: LOOKS[at % MOST_LINES],
        itemStyle: { color: LOOKS[at % MOST_LINES]!.color },
      })),
    }),
  };
}

const middle = (values: readonly number[]): number => values[Math.floor(values.length / 2)] ?? NaN;
