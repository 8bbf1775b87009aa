import type { ColumnSpec } from '../../contracts/artifact.js';
import { textSql, textValue } from '../sql/text.js';
import { FIRST } from '../sql/textFunctions.js';
import type { CountRequest } from './block.js';

/** One text a row, of which something is counted: as core/features joins columns. */
export function joinedText({ counts }: CountRequest, columns: readonly ColumnSpec[]): string {
  const values = columns.map(textValue);
  switch (counts.of) {
    case 'ngrams':
      return `concat_ws(' ', ${values.map((value) => `nullif(${value}, '')`).join(', ')})`;
    case 'attributes':
      return values.map((value) => `coalesce(${value}, '')`).join(` || ${textSql('\n')} || `);
    case 'values':
      return `coalesce(${values.join()}, ${textSql(counts.missing)})`;
  }
}

/**
 * Terms that are wanted, and in how many rows of a table each is.
 *
 * @param cutBy function from a text to its terms, where they are more than one
 */
export function termsSelect(
  { counts, least, most }: CountRequest,
  text: string,
  { table, cutBy }: { readonly table: string; readonly cutBy: string },
): string {
  const isMarked = counts.of === 'ngrams';
  const term = isMarked ? 'substr(cut, 2)' : 'cut';
  const rows = isMarked ? `count(*) FILTER (WHERE starts_with(cut, ${textSql(FIRST)}))` : 'count(*)';
  const cut = counts.of === 'values' ? text : `unnest(${cutBy}(${text}))`;
  return `SELECT ${term} AS term, ${rows} AS found FROM (SELECT ${cut} AS cut FROM ${table}) AS each
    GROUP BY 1 HAVING ${rows} >= ${least}${most === undefined ? '' : ` ORDER BY count(*) DESC, 1 LIMIT ${most}`}`;
}
