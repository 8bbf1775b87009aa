import { clipText } from '../core/text/characters.js';

/** As much of a sample as a person needs to judge it. */
const MOST_TEXT = 400;

/** The text of a row as reports show it: all text columns together, clipped. @param columns values by row */
export const rowText = (columns: readonly ArrayLike<string | null>[], row: number): string =>
  clipText(columns.map((values) => values[row] ?? '').join(' · '), MOST_TEXT);
