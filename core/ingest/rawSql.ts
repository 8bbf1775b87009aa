import { nameSql, type SqlColumn } from '../sql/text.js';
import type { JoinShape } from './joins.js';
import { joinPieces } from './joinSql.js';
import type { TextRecords } from './rowSql.js';
import { placed, type TableSql } from './settleElsewhere.js';

/** Names of the columns of inputs that say where a row stands. */
export interface Places {
  readonly position: string;
  readonly ordinal: string;
}

/** Files of one header, one after the other, as the input `name`. */
export interface RawGroup {
  readonly name: string;
  readonly header: readonly string[];
  /** Position of the first file, and how many rows stand before it. */
  readonly firstFile: number;
  readonly from: number;
}

/** The records of a group: the text of its cells in x0, x1, …, `row`, and the position of their `file`. */
export function rawRecords({ name, header, firstFile, from }: RawGroup, places: Places): TextRecords {
  const cells = header.map((_, i) => `x${i}`);
  const named = header.map((column, i) => `${nameSql(column)} AS x${i}`);
  const row = `CAST(${nameSql(places.position)} + ${from} AS BIGINT) AS row`;
  const file = `CAST(${nameSql(places.ordinal)} + ${firstFile} AS INTEGER) AS file`;
  return {
    ...{ cells, columns: ['row', 'file', ...cells], kept: ['row', 'file'] },
    source: `(SELECT ${[row, file, ...named].join(', ')} FROM ${name})`,
  };
}

/** The table `numbered` out of what each group made of its records. */
export function numberedSql(
  made: readonly { readonly select: string; readonly columns: readonly SqlColumn[] }[],
  all: readonly SqlColumn[],
  matches: readonly string[],
): TableSql {
  const own = ['row', 'file', 'id', 'side', 'rule', 'reason', 'record'];
  const selects = made.map(({ select, columns }) => {
    const values = all.map(({ name, sql, type }) =>
      columns.some((column) => column.name === name)
        ? sql
        : `CAST(NULL AS ${type === 'float64' ? 'DOUBLE' : 'VARCHAR'}) AS ${sql}`,
    );
    return `SELECT ${[...own, ...values, ...matches].join(', ')} FROM (${select})`;
  });
  return { name: 'numbered', select: selects.join('\n UNION ALL ') };
}

/** The records of a joined table's files, given as groups: `row`, and their columns r0, r1, … */
export function rightSql(groups: readonly RawGroup[], header: readonly string[], places: Places): string {
  return groups
    .map((group) => {
      const row = `CAST(${nameSql(places.position)} + ${group.from} AS BIGINT) AS row`;
      const values = header.map((name, i) =>
        group.header.includes(name) ? `${nameSql(name)} AS r${i}` : `CAST(NULL AS VARCHAR) AS r${i}`,
      );
      return `SELECT ${[row, ...values].join(', ')} FROM ${group.name}`;
    })
    .join('\n UNION ALL ');
}

/** SELECT of where rows of some files stand, out of the input `allRuns` and the table `starts`. @param to excluded */
export const runsSql = (from: number, to: number, { ordinal }: Places): string =>
  `SELECT CAST(allRuns."row" AS BIGINT) + starts.start AS row, starts.file AS file, CAST(allRuns."line" AS BIGINT) AS line
   FROM allRuns JOIN starts ON allRuns.${nameSql(ordinal)} = starts.file WHERE starts.file >= ${from} AND starts.file < ${to}`;

/** The table `aside`, out of the input `allAside`. */
export const asideSql = ({ ordinal }: Places): TableSql => ({
  name: 'aside',
  select: `SELECT CAST(${nameSql(ordinal)} AS INTEGER) AS file, CAST("line" AS BIGINT) AS line, "rule" AS rule, "reason" AS reason,
    "record" AS record FROM allAside`,
});

/** The table `starts`: how many rows stand before each file, among those that are counted with it. */
export const startsSql = (starts: readonly number[]): TableSql => ({
  name: 'starts',
  select: `SELECT file, CAST(start AS BIGINT) AS start FROM (VALUES ${starts.map((start, file) => `(${file}, ${start})`).join(', ')}) AS told(file, start)`,
});

/**
 * Tables that end in join<i> (a row a key: k0, …, how many `times` it is there, the `place` of the first where that is
 * more than once, and g0, …, what rows get), out of right<i> (row, and its columns) and rights<i>, its runs.
 *
 * @param sqlOf what a column of the table is called in right<i>; undefined where it has none
 */
export function joinTables(
  i: number,
  shape: JoinShape,
  sqlOf: (name: string) => string | undefined,
): TableSql[] {
  const { names, keys, whole, given, list } = joinPieces(i, shape, sqlOf);
  return [
    {
      name: `keys${i}`,
      select: `SELECT ${names.join(', ')}, min(row) AS row, count(*) AS times
        FROM (SELECT row, ${keys.join(', ')} FROM right${i}) WHERE ${whole} GROUP BY ${names.join(', ')}`,
    },
    {
      name: `twice${i}`,
      select: `SELECT found.row, files.uri || ', line ' || CAST(found.line AS VARCHAR) AS place
        FROM (${placed(`SELECT row FROM keys${i} WHERE times > 1`, `rights${i}`)}) AS found JOIN files ON files.file = found.file`,
    },
    {
      name: `join${i}`,
      select: `SELECT ${[list, 'times', 'place', ...given].join(', ')}
        FROM keys${i} JOIN right${i} ON right${i}.row = keys${i}.row LEFT JOIN twice${i} ON twice${i}.row = keys${i}.row`,
    },
  ];
}
