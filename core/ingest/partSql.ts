import type { ColumnSpec } from '../../contracts/artifact.js';
import type { SplitConfig } from '../../contracts/splitSettings.js';
import { nameSql, type SqlColumn } from '../sql/text.js';
import { hashedSide } from './settleRows.js';

/** Where the rows of a part stand in their file: row `row` at `line`, those after it a line further each. */
export const RUN_COLUMNS: readonly ColumnSpec[] = [
  { name: 'row', type: 'float64' },
  { name: 'line', type: 'float64' },
];

interface PartOf {
  /** Of the file, without id. */
  readonly columns: readonly SqlColumn[];
  /** Position of the file. */
  readonly index: number;
  /** Rows of other files before. */
  readonly from: number;
}

/** What a file gave to the tables `rows`, `runs` and `aside`: its good rows, their lines, and what was put aside. */
export function partSql({ columns, index, from }: PartOf): {
  readonly before: readonly string[];
  readonly rows: string;
  readonly runs: string;
  readonly aside: string;
} {
  const names = columns.map(({ sql }) => sql);
  const placed = `SELECT picked.*, runs.line + picked.row - runs.row AS line
    FROM (SELECT rowid AS row, * FROM rows WHERE rowid >= ${from}) AS picked ASOF JOIN runs ON picked.row >= runs.row`;
  return {
    before: [
      `CREATE OR REPLACE TABLE part AS SELECT * FROM (${placed}) ORDER BY row`,
      `CREATE OR REPLACE TABLE partlines AS SELECT row_number() OVER (ORDER BY row) - 1 AS n, line FROM part WHERE rule IS NULL`,
    ],
    rows: `SELECT ${['id', ...names].join(', ')} FROM part WHERE rule IS NULL ORDER BY row`,
    runs: `SELECT CAST(n AS DOUBLE), CAST(line AS DOUBLE) FROM (
      SELECT n, line, lag(line) OVER (ORDER BY n) AS before FROM partlines)
      WHERE before IS NULL OR line <> before + 1 ORDER BY n`,
    aside: `SELECT CAST(NULL AS VARCHAR), files.uri, CAST(line AS DOUBLE), 'ingest', rule, reason, record FROM (
      SELECT line, rule, reason, record FROM part WHERE rule IS NOT NULL
      UNION ALL SELECT line, rule, reason, record FROM aside WHERE file = ${index}) JOIN files ON files.file = ${index} ORDER BY line`,
  };
}

/** Statements that put a part, from views over what was kept of it, into the tables `rows`, `runs` and `aside`. */
export function takePartSql({
  name,
  index,
  from,
  columns,
  split,
}: PartOf & { readonly name: string; readonly split: SplitConfig }): string[] {
  const given = columns.map((column) => nameSql(column.name));
  const side = hashedSide(split, columns, 'id');
  const own = columns.map(({ sql }, i) => `${given[i]!} AS ${sql}`);
  const names = columns.map(({ sql }) => sql);
  return [
    `INSERT INTO rows (${['id', 'side', ...names].join(', ')})
     SELECT ${['id', side, ...names].join(', ')} FROM (SELECT ${['id', ...own].join(', ')} FROM ${nameSql(`${name}Rows`)})`,
    `INSERT INTO runs SELECT CAST("row" AS BIGINT) + ${from}, ${index}, CAST("line" AS BIGINT) FROM ${nameSql(`${name}Runs`)}`,
    `INSERT INTO aside SELECT ${index}, CAST("line" AS BIGINT), "rule", "reason", "record" FROM ${nameSql(`${name}Aside`)}`,
  ];
}
