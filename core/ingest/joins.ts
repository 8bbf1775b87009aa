import { DataError } from '../../contracts/errors.js';
import type { JoinConfig } from '../../contracts/joinSettings.js';
import { nearestName } from '../nearestName.js';

/** A joined table as far as the rows that get its columns are concerned. */
export interface JoinShape {
  readonly join: JoinConfig;
  /** Columns that rows get, as the table calls them. */
  readonly columns: readonly string[];
}

/** Where the keys of each join stand in a header (-1: not there), and the header with all columns that rows get. */
export interface JoinPlan {
  readonly keys: readonly (readonly number[])[]; // (joins, keys of the join)
  readonly header: readonly string[];
}

/** Columns of the key: of the rows, and of the table. */
export function joinKeys({ on }: JoinConfig): { readonly left: string; readonly right: string }[] {
  if (typeof on === 'string') return [{ left: on, right: on }];
  if (Array.isArray(on)) return on.map((name) => ({ left: name, right: name }));
  return Object.entries(on).map(([left, right]) => ({ left, right }));
}

/** `sku = "7"`, as the table calls its columns. */
export const describedKey = (join: JoinConfig, keys: readonly (string | null)[]): string =>
  joinKeys(join)
    .map(({ right }, i) => `${right} = ${keys[i] == null ? 'nothing' : JSON.stringify(keys[i])}`)
    .join(', ');

/**
 * Finds the keys of joins, one after the other, in the header of a file's rows.
 *
 * @param isLoose rows bring their own keys (JSONL): a column that is not there yet is a missing value
 * @throws DataError where a key is not there, or a column would be there twice
 */
export function planJoins(
  file: string,
  header: readonly string[],
  tables: readonly JoinShape[],
  isLoose: boolean,
): JoinPlan {
  const wide = [...header];
  const keys = tables.map(({ join, columns }) => {
    const positions = joinKeys(join).map(({ left }) => wide.indexOf(left));
    if (!isLoose)
      positions.forEach((at, i) => at < 0 && refuseMissing(file, wide, joinKeys(join)[i]!.left, join));
    for (const column of columns) {
      const given = join.prefix + column;
      if (wide.includes(given)) throw new DataError(taken(file, given, join));
      wide.push(given);
    }
    return positions;
  });
  return { keys, header: wide };
}

/** @throws DataError where a file of the table lacks a column of the key, or one that is asked for */
export function requireJoined(file: string, header: readonly string[], join: JoinConfig): void {
  for (const column of [...joinKeys(join).map(({ right }) => right), ...(join.columns ?? [])])
    if (!header.includes(column)) refuseMissing(file, header, column, join);
}

/** Columns that rows get of a table that has these. */
export function givenColumns(header: readonly string[], join: JoinConfig): readonly string[] {
  const keys = joinKeys(join).map(({ right }) => right);
  return join.columns ?? header.filter((name) => !keys.includes(name));
}

function refuseMissing(file: string, header: readonly string[], column: string, { name }: JoinConfig): never {
  const nearest = nearestName(column, header);
  const shown = header.slice(0, 20).join(', ') + (header.length > 20 ? ', …' : '');
  throw new DataError(
    `${file}: there is no column "${column}" (dataset.joins, ${name}); there are ${shown}` +
      (nearest === undefined ? '' : `; did you mean "${nearest}"?`),
  );
}

const taken = (file: string, column: string, { name, prefix }: JoinConfig): string =>
  `${file}: rows have a column "${column}" already, and would get another one from "${name}"; set its prefix in dataset.joins ` +
  `(prefix: "${prefix}${name}_"), or name the columns that rows are to get (columns: […])`;

/** Rules that put aside a row for what a joined table holds. */
export const NO_MATCH = 'no_match.';
export const AMBIGUOUS = 'ambiguous_match.';

/** Rules of ingest that tell of rows that were read well, but can't be used. */
export const readableRules = (joins: readonly JoinConfig[] = []): readonly string[] => [
  'missing_target',
  ...joins.flatMap(({ name }) => [NO_MATCH + name, AMBIGUOUS + name]),
];

/** What a table said when it was asked, for figures. */
export interface JoinCounts {
  /** Rows of the table that have a key. */
  readonly rows: number;
  /** Rows of the table whose key is missing. */
  readonly withoutKey: number;
  /** Rows of the dataset, by what they found. */
  readonly matched: number;
  readonly unmatched: number;
  readonly ambiguous: number;
}

/** A few numbers of each join. */
export function joinFigures(
  joins: readonly JoinConfig[],
  counts: readonly JoinCounts[],
): Record<string, number> {
  return Object.fromEntries(
    joins.flatMap(({ name }, i) => {
      const { rows, withoutKey, matched, unmatched, ambiguous } = counts[i]!;
      const all = { rows, matched, unmatched, ...(ambiguous > 0 ? { ambiguous } : {}) };
      const told = { ...all, ...(withoutKey > 0 ? { withoutKey } : {}) };
      return Object.entries(told).map(([what, count]) => [`${name}.${what}`, count] as const);
    }),
  );
}

/** @param first places and keys of some of them, in reading order */
export function repeatedKeys({ name }: JoinConfig, count: number, first: readonly string[]): string {
  return (
    `dataset.joins: ${name}: ${count} keys are there more than once: ${first.join('; ')}. Leave one row of each, or set ` +
    'duplicates: quarantine, which puts aside the rows that ask for them'
  );
}

/** @param first places and reasons of some of them, in reading order */
export function rowsUnmatched(
  { name }: JoinConfig,
  { count, read }: { readonly count: number; readonly read: number },
  first: readonly string[],
): string {
  return (
    `dataset.joins: ${name}: ${count} of ${read} rows have no match: ${first.join('; ')}. Add what is missing, or set ` +
    'unmatched: keep | quarantine'
  );
}
