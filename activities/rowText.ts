import type { ArtifactRef } from '../contracts/artifact.js';
import type { StageContext } from '../contracts/store.js';
import { clipText } from '../core/text/characters.js';
import { texts } from '../core/table.js';
import { readNumbered } from './rowSource.js';

/** As much of a sample as a person needs to judge it. */
const MOST_TEXT = 400;

/** The text of a row as reports show it: all text columns together, clipped. @param columns values by row */
export const rowText = (columns: readonly ArrayLike<string | null>[], row: number): string =>
  clipText(columns.map((values) => values[row] ?? '').join(' · '), MOST_TEXT);

/** The same of some rows of a table, by their numbers there. @param columns of text */
export async function readTexts(
  artifacts: StageContext['artifacts'],
  ref: ArtifactRef,
  rows: Iterable<number>,
  columns: readonly string[],
): Promise<(row: number) => string> {
  const { batch, placeOf } = await readNumbered(artifacts, ref, rows, ['id', ...columns]);
  const parts = columns.map((name) => texts(batch, name));
  return (row) => rowText(parts, placeOf(row));
}
