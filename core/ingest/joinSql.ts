import type { JoinConfig } from '../../contracts/joinSettings.js';
import { presentSql, textSql, type SqlRule } from '../sql/text.js';
import { AMBIGUOUS, joinKeys, NO_MATCH, type JoinPlan, type JoinShape } from './joins.js';

const NONE = 'CAST(NULL AS VARCHAR)';

/** Rows before they are joined: see SpooledRows. */
interface PlainRows {
  readonly cells: readonly string[];
  readonly columns: readonly string[];
  readonly source: string;
}

interface JoinedAnywhere extends PlainRows {
  /** Why rows can't stay, by what they found. */
  readonly refusals: readonly SqlRule[];
}

export interface JoinedRows extends JoinedAnywhere {
  /** Statements to run before. */
  readonly before: readonly string[];
}

/** Rows with what the tables join0, join1, … of the session give them, in the order that they had: what joinBlock does. */
export function joinedRows(rows: PlainRows, plan: JoinPlan, joins: readonly JoinShape[]): JoinedRows {
  if (joins.length === 0) return { ...rows, before: [], refusals: [] };
  return {
    ...joinedAnywhere({ ...rows, source: 'incoming' }, plan, joins, 'ORDER BY incoming.rowid'),
    before: [`CREATE OR REPLACE TABLE incoming AS SELECT ${rows.columns.join(', ')} FROM ${rows.source}`],
  };
}

/** The same, of rows that know their order, or are put into it by `order`. */
export function joinedAnywhere(
  rows: PlainRows,
  plan: JoinPlan,
  joins: readonly JoinShape[],
  order = '',
): JoinedAnywhere {
  if (joins.length === 0) return { ...rows, refusals: [] };
  const inside = [...rows.cells];
  const outside = [...rows.cells];
  const columns = [...rows.columns];
  const selected = rows.columns.map((name) => `incoming.${name}`);
  const tables: string[] = [];
  for (const [i, join] of joins.entries()) {
    const keys = plan.keys[i]!.map((at) => presentSql(inside[at] ?? NONE));
    const on = keys.map((key, k) => `join${i}.k${k} = ${key}`).join(' AND ');
    tables.push(`LEFT JOIN join${i} ON ${on}`);
    const given = join.columns.map((_, c) => ({ inside: `join${i}.g${c}`, outside: `j${i}g${c}` }));
    inside.push(...given.map((one) => one.inside));
    outside.push(...given.map((one) => one.outside));
    columns.push(...given.map((one) => one.outside));
    selected.push(...given.map((one) => `${one.inside} AS ${one.outside}`));
    selected.push(...keys.map((key, k) => `${key} AS j${i}k${k}`));
    selected.push(`join${i}.times AS j${i}times`, `join${i}.place AS j${i}place`);
  }
  return {
    cells: outside,
    columns,
    refusals: joins.flatMap(({ join }, i) => refusals(join, i)),
    source: `(SELECT ${selected.join(', ')} FROM ${rows.source} AS incoming ${tables.join(' ')} ${order})`,
  };
}

function refusals(join: JoinConfig, i: number): SqlRule[] {
  const { name, unmatched } = join;
  const keys = joinKeys(join)
    .map(({ right }, k) => `${textSql(`${right} = `)} || coalesce(shown_text(j${i}k${k}), 'nothing')`)
    .join(` || ', ' || `);
  const none = `${textSql(`${name}: no row has `)} || ${keys}`;
  const several = `${textSql(`${name}: `)} || CAST(j${i}times AS VARCHAR) || ' rows have ' || ${keys} || ', the first is at ' || j${i}place`;
  return [
    ...(unmatched === 'keep' ? [] : [{ when: `j${i}times IS NULL`, rule: NO_MATCH + name, reason: none }]),
    { when: `j${i}times > 1`, rule: AMBIGUOUS + name, reason: several },
  ];
}

/** What a join found for a row: a word of JoinCounts. */
export const matchedSql = (i: number): string =>
  `CASE WHEN j${i}times IS NULL THEN 'unmatched' WHEN j${i}times > 1 THEN 'ambiguous' ELSE 'matched' END`;

/**
 * Statements that make join<i> (a row a key: k0, …, how many `times` it is there, the `place` of the first where that is
 * more than once, and g0, …, what rows get) out of the table right<i> and its runs.
 *
 * @param sqlOf what a column of the table is called in right<i>; undefined where it has none
 */
export function joinTableSql(
  i: number,
  shape: JoinShape,
  sqlOf: (name: string) => string | undefined,
): string[] {
  const { names, keys, whole, given, list } = joinPieces(i, shape, sqlOf);
  return [
    `CREATE TABLE keys${i} AS SELECT ${names.join(', ')}, min(row) AS row, count(*) AS times
     FROM (SELECT rowid AS row, ${keys.join(', ')} FROM right${i}) WHERE ${whole} GROUP BY ${names.join(', ')}`,
    `CREATE TABLE twice${i} AS SELECT picked.row, files.uri || ', line ' || (runs.line + picked.row - runs.row) AS place
     FROM (SELECT row FROM keys${i} WHERE times > 1) AS picked ASOF JOIN rights${i} AS runs ON picked.row >= runs.row
     JOIN files ON files.file = runs.file`,
    `CREATE TABLE join${i} AS SELECT ${[list, 'times', 'place', ...given].join(', ')}
     FROM keys${i} JOIN right${i} ON right${i}.rowid = keys${i}.row LEFT JOIN twice${i} ON twice${i}.row = keys${i}.row`,
  ];
}

/** Pieces of the statements that make join<i>, whatever the engine: its keys, whether all are there, and what rows get. */
export function joinPieces(
  i: number,
  { join, columns }: JoinShape,
  sqlOf: (name: string) => string | undefined,
) {
  const names = joinKeys(join).map((_, k) => `k${k}`);
  const keys = joinKeys(join).map(({ right }, k) => `${presentSql(sqlOf(right) ?? NONE)} AS k${k}`);
  const whole = names.map((name) => `${name} IS NOT NULL`).join(' AND ');
  const given = columns.map((name, c) => `CASE WHEN times = 1 THEN right${i}.${sqlOf(name)!} END AS g${c}`);
  const list = names.map((name) => `keys${i}.${name}`).join(', ');
  return { names, keys, whole, given, list };
}
