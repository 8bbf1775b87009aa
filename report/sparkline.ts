import { decimal } from './format.js';
import { Html } from './html.js';

const WIDTH = 120;
const HEIGHT = 22;

/** A small line over even steps, from 0 to 1, for a table cell. */
export function sparkline(values: readonly number[]): Html {
  const at = (value: number, i: number): string =>
    `${((i / Math.max(values.length - 1, 1)) * WIDTH).toFixed(1)} ${((1 - value) * (HEIGHT - 2) + 1).toFixed(1)}`;
  const label = `from ${decimal(values[0] ?? NaN, 2)} to ${decimal(values.at(-1) ?? NaN, 2)}`;
  return new Html(
    `<svg class="spark" role="img" aria-label="${label}" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}">` +
      `<polyline points="${values.map(at).join(' ')}"/></svg>`,
  );
}
