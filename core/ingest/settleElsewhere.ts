import type { DatasetConfig } from '../../contracts/settings.js';
import type { SplitConfig } from '../../contracts/splitSettings.js';
import { numberSql, type SqlColumn } from '../sql/text.js';
import { checkShares } from '../split.js';
import { keepsGroups } from './assignSplit.js';
import { hashedSide, quarantineOf } from './settleRows.js';

/** A table of a session, and what it is made of. */
export interface TableSql {
  readonly name: string;
  readonly select: string;
}

const NONE = 'CAST(NULL AS VARCHAR)';

/**
 * SELECT of row and standing of the table `kept` (row, id, and the columns of rows), for split by time: its event time,
 * or the latest of its group.
 */
export function standings(split: SplitConfig, columns: readonly SqlColumn[]): string {
  const column = (name: string): string | undefined => columns.find((one) => one.name === name)?.sql;
  const time = column('event_time')!;
  const group = keepsGroups(split) ? column('group') : undefined;
  const own = group && `CASE WHEN ${group} IS NULL THEN 'id:' || id ELSE 'group:' || ${group} END`;
  return `SELECT row, ${own ? `max(${time}) OVER (PARTITION BY ${own})` : time} AS standing FROM kept`;
}

/**
 * Where the last standings of training and of validation stand among all n, in ascending order; a row's position is the
 * share of rows that stand before it.
 *
 * @returns positions from 0; -1: of none
 */
export function lastOfSides(split: SplitConfig & { readonly by: 'time' }, n: number): readonly number[] {
  checkShares(split.shares);
  const [train, validation, test] = split.shares;
  return [lastBelow(train, n), test === 0 ? n - 1 : lastBelow(train + validation, n)];
}

/** The largest i below n with i / n < share. */
function lastBelow(share: number, n: number): number {
  let i = Math.min(n, Math.ceil(share * n) + 1);
  while (i > 0 && !((i - 1) / n < share)) i--;
  return i - 1;
}

/** SELECT of row and side of the table `standings`, given the last standing of training and of validation; null: of none. */
export function standingSides([train, validation]: readonly (number | null)[]): string {
  const upTo = (last: number | null | undefined): string =>
    last == null ? 'false' : `standing <= ${numberSql(last)}`;
  return `SELECT row, CASE WHEN ${upTo(train)} THEN 'train' WHEN ${upTo(validation)} THEN 'validation' ELSE 'test' END AS side FROM standings`;
}

const REPEATED: TableSql = {
  name: 'repeated',
  select: 'SELECT id FROM numbered WHERE rule IS NULL GROUP BY id HAVING count(*) > 1',
};
const AMONG = 'FROM numbered WHERE rule IS NULL AND id IN (SELECT id FROM repeated)';

/** Which rows of equal id leave: makes the table `dropped` (row, rule, kept) of the table `numbered`, and `kept`, which is a view. */
export function dropRepeatedIds(
  rule: DatasetConfig['duplicateIds'],
  columns: readonly SqlColumn[],
): { readonly tables: readonly TableSql[]; readonly kept: string } {
  const column = (name: string): string | undefined => columns.find((one) => one.name === name)?.sql;
  const time = `coalesce(${column('event_time') ?? '0'}, CAST('-Infinity' AS DOUBLE))`;
  const newest = `first_value(row) OVER (PARTITION BY id ORDER BY ${time} DESC, row DESC)`;
  const conflict = `min(${column('target')!}) OVER w <> max(${column('target')!}) OVER w`;
  const found =
    rule === 'newest'
      ? `SELECT row, false AS conflict, ${newest} AS kept ${AMONG}`
      : `SELECT row, ${conflict} AS conflict, min(row) OVER w AS kept ${AMONG} WINDOW w AS (PARTITION BY id)`;
  const dropped = `SELECT row, CASE WHEN conflict THEN 'conflicting_id' ELSE 'duplicate_id' END AS rule,
    CASE WHEN NOT conflict THEN kept END AS kept FROM (${found}) WHERE conflict OR row <> kept`;
  return {
    tables: [REPEATED, { name: 'dropped', select: dropped }],
    kept: `SELECT numbered.* FROM numbered ANTI JOIN dropped ON numbered.row = dropped.row WHERE numbered.rule IS NULL`,
  };
}

/** Further rows of equal content get their number behind the hash, which is their id; none leaves. As dropRepeatedIds. */
export function numberCopies(
  split: SplitConfig,
  columns: readonly SqlColumn[],
): ReturnType<typeof dropRepeatedIds> {
  const side = hashedSide(split, columns, 'id');
  const names = columns.map(({ sql }) => sql);
  const renamed = `SELECT row, id || '-' || CAST(n AS VARCHAR) AS id, ${names.join(', ')} FROM (
    SELECT row, id, ${[...names, 'row_number() OVER (PARTITION BY id ORDER BY row) AS n'].join(', ')} ${AMONG}) WHERE n > 1`;
  const dropped = `SELECT CAST(NULL AS BIGINT) AS row, ${NONE} AS rule, CAST(NULL AS BIGINT) AS kept WHERE false`;
  const own = names.map((name) => `numbered.${name}`);
  return {
    tables: [
      REPEATED,
      { name: 'dropped', select: dropped },
      { name: 'copies', select: `SELECT row, id, ${side} AS side FROM (${renamed})` },
    ],
    kept: `SELECT numbered.row, coalesce(copies.id, numbered.id) AS id,
      CASE WHEN copies.id IS NULL THEN numbered.side ELSE copies.side END AS side, ${own.join(', ')}
      FROM numbered LEFT JOIN copies ON numbered.row = copies.row WHERE numbered.rule IS NULL`,
  };
}

/**
 * SELECT of what `picked` gives, which has a column `row`, with the place of each: file (its position) and line.
 *
 * @param runs the table that says where rows stand: from `row` on, each at a line further from `line` of `file`
 */
export function placed(picked: string, runs = 'runs'): string {
  const before = 'max(run) OVER (ORDER BY row, asked ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)';
  return `SELECT picked.*, ran.file AS file, ran.line + picked.row - ran.row AS line FROM (${picked}) AS picked
    JOIN (SELECT row, ${before} AS run, asked FROM (
      SELECT row, row AS run, 0 AS asked FROM ${runs}
      UNION ALL SELECT row, CAST(NULL AS BIGINT) AS run, 1 AS asked FROM (${picked}))) AS standing
    ON standing.row = picked.row AND standing.asked = 1 JOIN ${runs} AS ran ON ran.row = standing.run`;
}

/** SELECT of the table `quarantine`, in reading order. @param idColumn as the user calls it */
export function quarantineSelect(columns: readonly SqlColumn[], idColumn: string): string {
  const own = columns.map(({ sql }) => `numbered.${sql}`);
  const refused = 'SELECT row, rule, reason, record FROM numbered WHERE rule IS NOT NULL';
  const gone = `SELECT ${['numbered.row', 'numbered.id', 'dropped.rule', 'dropped.kept', ...own].join(', ')}
     FROM numbered JOIN dropped ON numbered.row = dropped.row`;
  return quarantineOf({ refused, gone }, (picked) => placed(picked), columns, idColumn);
}
