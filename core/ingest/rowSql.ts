import type { DatasetConfig } from '../../contracts/settings.js';
import { presentSql, rowJsonSql, type SqlColumn } from '../sql/text.js';
import { splitNames } from './assignSplit.js';
import { joinedAnywhere, matchedSql } from './joinSql.js';
import type { JoinPlan, JoinShape } from './joins.js';
import type { Layout } from './layout.js';
import type { ColumnPart } from './parts.js';
import type { RowColumns } from './rowColumns.js';
import { hashedSide } from './settleRows.js';
import { typedRow } from './typedRows.js';

/** Some records that a statement can read. */
export interface TextRecords {
  /** SQL of the text of each cell, in the order of the file's columns; a missing one is NULL, never ''. */
  readonly cells: readonly string[];
  /** Columns of `source` that are passed through or that `cells` speak of. */
  readonly columns: readonly string[];
  /** What stands behind FROM. */
  readonly source: string;
  /** Columns out of `columns` that rows keep. */
  readonly kept: readonly string[];
}

export interface RowSettings {
  readonly dataset: DatasetConfig;
  readonly parts: readonly ColumnPart[];
  readonly joins: readonly JoinShape[];
  readonly plan: JoinPlan;
  readonly layout: Layout;
}

/** Rows of the table `dataset`, made of records: columns, and what stands behind FROM. */
export interface MadeRows {
  /** Values, and m0, m1, …: what each join found. */
  readonly columns: readonly SqlColumn[];
  readonly matches: readonly string[];
  /** Of id, side, rule, reason, record, the columns, the matches, and what is kept. */
  readonly select: string;
}

/** Makes rows of records: joins them, types their cells, tells why one can't stay, gives ids and sides. */
export function madeRows(
  records: TextRecords,
  { dataset, parts, joins, plan, layout }: RowSettings,
  known: RowColumns,
): MadeRows {
  const { cells, refusals, source } = joinedAnywhere(records, plan, joins);
  const typed = typedRow(
    { header: plan.header, cells, refusals },
    layout,
    parts,
    splitNames(dataset.split),
    ({ name }) => known.named(name),
    (raw) => `plain_number(${presentSql(raw)})`,
  );
  const columns = typed.columns.map(({ name, type }) => known.of(name, type));
  const values = typed.columns.map(({ sql }, i) => `${sql} AS ${columns[i]!.sql}`);
  const given = columns.find(({ name }) => name === 'id')?.sql;
  const id = given ?? `left(sha256(${rowJsonSql(columns)}), 24)`;
  const side = hashedSide(dataset.split, columns, 'id');
  const matches = joins.map((_, i) => `m${i}`);
  const names = [...columns.map(({ sql }) => sql), ...matches, ...records.kept].join(', ');
  const found = joins.map((_, i) => `${matchedSql(i)} AS m${i}`);
  return {
    columns,
    matches,
    // A layer each: what is asked of a value is not worked out with it again.
    select: `SELECT id, CASE WHEN rule IS NULL THEN ${side} END AS side, rule, reason, record, ${names} FROM (
      SELECT CASE WHEN rule IS NULL THEN ${id} END AS id, rule, CASE WHEN rule IS NOT NULL THEN ${typed.reason} END AS reason,
        CASE WHEN rule IS NOT NULL THEN ${typed.record} END AS record, ${names} FROM (
          SELECT ${typed.rule} AS rule, * FROM (SELECT ${['*', ...values, ...found].join(', ')} FROM ${source})))`,
  };
}
