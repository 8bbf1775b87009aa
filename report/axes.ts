import { columnsOf } from '../core/text/columns.js';
import { axisStyle } from './charts.js';
import { decimal } from './format.js';

/** Room around a drawing. */
export const GRID = {
  left: 2,
  right: 16,
  top: 16,
  bottom: 8,
  outerBoundsMode: 'same',
  outerBoundsContain: 'axisLabel',
};

/** As much of the chart library's drawing interface as is used here. */
export interface RenderApi {
  value(dimension: number): number;
  coord(point: readonly [number, number]): [number, number];
}

/** Labels of an axis of numbers. */
export const numbers = (least = 0) => ({
  ...axisStyle.axisLabel,
  formatter: (value: number) => (least > 0 ? decimal(value, least) : trimmed(value)),
});

export const trimmed = (value: number): string => String(Number(value.toPrecision(3))).replace('-', '−');

/** What a legend above a chart takes, in pixels: a row, or several where names are many and long. */
export function legendRoom(lines: readonly { readonly name: string }[], width: number): number {
  const longest = lines.reduce((most, { name }) => Math.max(most, columnsOf(name)), 0);
  const inRow = Math.max(1, Math.floor((width - 48) / (54 + 7 * longest)));
  return 14 + 22 * Math.ceil(lines.length / inRow);
}
