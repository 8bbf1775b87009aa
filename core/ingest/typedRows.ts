import type { SplitNames } from './datasetBuilder.js';
import type { Layout } from './layout.js';
import type { ColumnPart } from './parts.js';
import {
  firstRuleSql,
  jsonObjectSql,
  presentSql,
  textSql,
  type SqlColumn,
  type SqlRule,
} from '../sql/text.js';

/** Columns of `dataset` that hold numbers. */
export const isNumericPart = ({ part }: ColumnPart): boolean => part === 'numeric' || part === 'time';

const TRIMMED: readonly string[] = ['id', 'target', 'group', 'split'];

/** How the cells of a file become a row: what DatasetBuilder does, said in SQL. */
export interface TypedRow {
  /** Columns of `dataset` that the file gives, `sql` being the typed value. */
  readonly columns: readonly SqlColumn[];
  /** Why the record can't become a row, missing where it can: over cells, and over typed values by their names. */
  readonly rule: string;
  readonly reason: string;
  /** The record as it stood, as JSON. */
  readonly record: string;
}

/** Records that are to become rows. */
export interface TextRows {
  readonly header: readonly string[];
  /** SQL of the text of each cell, in the order of the header; a missing cell is NULL, never ''. */
  readonly cells: readonly string[];
  /** Why a record can't become a row, whatever its cells. */
  readonly refusals: readonly SqlRule[];
}

/**
 * @param splitNames values that name a side, where the data bring the split
 * @param named what the typed values of parts will be called: each is worked out once
 * @param numberOf SQL of a cell's number, as parseNumber @default DuckDB's
 */
export function typedRow(
  { header, cells, refusals: known }: TextRows,
  layout: Layout,
  parts: readonly ColumnPart[],
  splitNames: SplitNames | undefined,
  named: (part: ColumnPart) => string,
  numberOf: (raw: string) => string = ownNumber,
): TypedRow {
  const columns: SqlColumn[] = [];
  const rules: SqlRule[] = [...known];
  for (const part of parts) {
    const raw = cells[layout.positionOf.get(part) ?? -1] ?? 'CAST(NULL AS VARCHAR)';
    const text = TRIMMED.includes(part.name) ? presentSql(raw) : raw;
    columns.push({
      name: part.name,
      type: isNumericPart(part) ? 'float64' : 'utf8',
      sql: typedCell(part, raw, text, numberOf),
    });
    rules.push(...refusals(part, raw, named(part), splitNames));
  }
  for (const { name, position } of layout.others) columns.push({ name, type: 'utf8', sql: cells[position]! });
  const asText = header.map((name, i): SqlColumn => ({ name, type: 'utf8', sql: cells[i]! }));
  return { columns, ...firstRuleSql(rules), record: jsonObjectSql(asText) };
}

function typedCell(
  { part }: ColumnPart,
  raw: string,
  text: string,
  numberOf: (raw: string) => string,
): string {
  if (part === 'numeric') return numberOf(raw);
  if (part === 'time') return `parse_time(${presentSql(raw)})`;
  return text;
}

/** DuckDB's own reading where it gives what ours does; it also takes "1_000", "inf" and "nan". */
function ownNumber(raw: string): string {
  const own = `TRY_CAST(${raw} AS DOUBLE)`;
  return `CASE WHEN isfinite(${own}) AND NOT contains(${raw}, '_') THEN ${own} ELSE parse_number(${presentSql(raw)}) END`;
}

function refusals(
  { part, source, width }: ColumnPart,
  raw: string,
  value: string,
  splitNames: SplitNames | undefined,
) {
  const told = (reason: string): string => textSql(`${source}: ${reason}`);
  if (part === 'id')
    return [{ when: `${value} IS NULL`, rule: 'missing_id', reason: told('no id in this row') }];
  if (part === 'target') {
    const reason = told('nothing to learn from, the target is missing');
    return [{ when: `${value} IS NULL`, rule: 'missing_target', reason }];
  }
  if (part === 'numeric' || part === 'time') {
    // Looked for blanks only where there is no value: AND would do it everywhere.
    const when = `CASE WHEN ${value} IS NULL THEN ${presentSql(raw)} IS NOT NULL ELSE false END`;
    const why = part === 'numeric' ? 'number_reason' : 'time_reason';
    return [{ when, rule: part === 'time' ? 'time' : 'number', reason: `${told('')} || ${why}(${raw})` }];
  }
  if (width !== undefined) {
    const why = `vector_reason('${width} ' || ${presentSql(raw)})`;
    return [{ when: `${why} IS NOT NULL`, rule: 'vector', reason: `${told('')} || ${why}` }];
  }
  if (part === 'split' && splitNames !== undefined) {
    const allowed = [...splitNames.keys()];
    const when = `coalesce(${value} NOT IN (${allowed.map(textSql).join(', ')}), true)`;
    const reason = `${told(`expected ${allowed.join(' | ')}, got `)} || shown_text(coalesce(${value}, ''))`;
    return [{ when, rule: 'split', reason }];
  }
  return [];
}
