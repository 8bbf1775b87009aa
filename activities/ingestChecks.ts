import { DataError } from '../contracts/errors.js';
import type { DatasetConfig } from '../contracts/settings.js';
import type { SourceFile, SqlValue, TableSession } from '../contracts/store.js';
import { NO_MATCH, readableRules, rowsUnmatched } from '../core/ingest/joins.js';
import { textSql } from '../core/sql/text.js';

const EXAMPLES = 5;

/** What was put aside while reading, in order. */
const ASIDE = `SELECT files.uri, found.line, found.reason, found.rule FROM (
    SELECT file, line, rule, reason FROM aside
    UNION ALL SELECT runs.file, runs.line + picked.row - runs.row, picked.rule, picked.reason FROM (
      SELECT rowid AS row, rule, reason FROM rows WHERE rule IS NOT NULL) AS picked ASOF JOIN runs ON picked.row >= runs.row
  ) AS found JOIN files ON found.file = files.file`;

/** @throws DataError where a join must find something for each row, and did not */
export async function checkMatched(session: TableSession, { joins = [] }: DatasetConfig): Promise<void> {
  for (const join of joins) {
    if (join.unmatched !== 'error') continue;
    const rule = `rule = ${textSql(NO_MATCH + join.name)}`;
    const [[count, read] = []] = await session.query(
      `SELECT count(*) FILTER (${rule}), count(*) FROM (SELECT rule FROM rows UNION ALL SELECT rule FROM aside)`,
    );
    if (Number(count) === 0) continue;
    const first = await session.query(
      `${ASIDE} WHERE found.${rule} ORDER BY found.file, found.line LIMIT ${EXAMPLES}`,
    );
    throw new DataError(rowsUnmatched(join, { count: Number(count), read: Number(read) }, first.map(told)));
  }
}

const told = ([uri, line, reason]: readonly SqlValue[]): string =>
  `${String(uri)}, line ${String(line)}: ${String(reason)}`;

/** @returns records read @throws DataError when there are none, or more than allowed can't be read */
export async function checkReadable(
  session: TableSession,
  dataset: DatasetConfig,
  files: readonly SourceFile[],
): Promise<number> {
  const readable = readableRules(dataset.joins).map(textSql).join(', ');
  const [[all, refused] = []] = await session.query(
    `SELECT count(*), count(*) FILTER (rule NOT IN (${readable})) FROM (SELECT rule FROM rows UNION ALL SELECT rule FROM aside)`,
  );
  const read = Number(all);
  if (read === 0)
    throw new DataError(`${files.map((file) => file.uri).join(', ')}: no rows below the header`);
  const unreadable = Number(refused);
  if (unreadable <= dataset.maxUnreadable * read) return read;
  const first = await session.query(
    `${ASIDE} WHERE found.rule NOT IN (${readable}) ORDER BY found.file, found.line LIMIT ${EXAMPLES}`,
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
export async function nothingLeft(session: TableSession, read: number): Promise<string> {
  const [first] = await session.query(`${ASIDE} ORDER BY found.file, found.line LIMIT 1`);
  const where = first === undefined ? 'an id that disagrees on its target' : told(first);
  return `0 of ${read} rows are left after ingest: all are in quarantine. First: ${where}`;
}

const percent = (share: number): string => `${Number((100 * share).toFixed(2))}%`;
