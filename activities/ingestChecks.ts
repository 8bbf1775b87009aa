import { DataError } from '../contracts/errors.js';
import type { DatasetConfig } from '../contracts/settings.js';
import type { SharedSession, SourceFile, SqlValue } from '../contracts/store.js';
import { NO_MATCH, readableRules, rowsUnmatched } from '../core/ingest/joins.js';
import { textSql } from '../core/sql/text.js';

const EXAMPLES = 5;

/** Where rows and what was put aside while reading are found. */
export interface ReadTables {
  /** SELECT of uri, line, reason and rule of what was put aside; more may be asked of `found`. */
  readonly aside: string;
  /** SELECT of the rules of all records; missing of rows. */
  readonly rules: string;
}

/** In the database of this machine. */
const HERE: ReadTables = {
  aside: `SELECT files.uri, found.line, found.reason, found.rule FROM (
    SELECT file, line, rule, reason FROM aside
    UNION ALL SELECT runs.file, runs.line + picked.row - runs.row, picked.rule, picked.reason FROM (
      SELECT rowid AS row, rule, reason FROM rows WHERE rule IS NOT NULL) AS picked ASOF JOIN runs ON picked.row >= runs.row
  ) AS found JOIN files ON found.file = files.file`,
  rules: 'SELECT rule FROM rows UNION ALL SELECT rule FROM aside',
};

/** @throws DataError where a join must find something for each row, and did not */
export async function checkMatched(
  session: SharedSession,
  { joins = [] }: DatasetConfig,
  tables = HERE,
): Promise<void> {
  for (const join of joins) {
    if (join.unmatched !== 'error') continue;
    const rule = `rule = ${textSql(NO_MATCH + join.name)}`;
    const [[count, read] = []] = await session.query(
      `SELECT count(*) FILTER (WHERE ${rule}), count(*) FROM (${tables.rules})`,
    );
    if (Number(count) === 0) continue;
    const first = await session.query(
      `${tables.aside} WHERE found.${rule} ORDER BY found.file, found.line LIMIT ${EXAMPLES}`,
    );
    throw new DataError(rowsUnmatched(join, { count: Number(count), read: Number(read) }, first.map(told)));
  }
}

const told = ([uri, line, reason]: readonly SqlValue[]): string =>
  `${String(uri)}, line ${String(line)}: ${String(reason)}`;

/** @returns records read @throws DataError when there are none, or more than allowed can't be read */
export async function checkReadable(
  session: SharedSession,
  dataset: DatasetConfig,
  files: readonly SourceFile[],
  tables = HERE,
): Promise<number> {
  const readable = readableRules(dataset.joins).map(textSql).join(', ');
  const [[all, refused] = []] = await session.query(
    `SELECT count(*), count(*) FILTER (WHERE rule NOT IN (${readable})) FROM (${tables.rules})`,
  );
  const read = Number(all);
  if (read === 0)
    throw new DataError(`${files.map((file) => file.uri).join(', ')}: no rows below the header`);
  const unreadable = Number(refused);
  if (unreadable <= dataset.maxUnreadable * read) return read;
  const first = await session.query(
    `${tables.aside} WHERE found.rule NOT IN (${readable}) ORDER BY found.file, found.line LIMIT ${EXAMPLES}`,
  );
  throw new DataError(tooManyUnreadable(dataset, unreadable, read, first.map(told)));
}

/** @param first places and reasons */
export function tooManyUnreadable(
  { maxUnreadable }: DatasetConfig,
  unreadable: number,
  read: number,
  first: readonly string[],
): string {
  return (
    `${unreadable} of ${read} rows can't be read (${percent(unreadable / read)}; dataset.maxUnreadable allows ` +
    `${percent(maxUnreadable)}). First: ${first.join('; ')}. Mend the file, or raise the limit`
  );
}

/** Why no row is left, of a table of which everything went into quarantine. */
export async function nothingLeft(session: SharedSession, read: number, tables = HERE): Promise<string> {
  const [first] = await session.query(`${tables.aside} ORDER BY found.file, found.line LIMIT 1`);
  const where = first === undefined ? 'an id that disagrees on its target' : told(first);
  return `0 of ${read} rows are left after ingest: all are in quarantine. First: ${where}`;
}

const percent = (share: number): string => `${Number((100 * share).toFixed(2))}%`;
