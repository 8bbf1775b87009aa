import type { CleanConfig } from '../../contracts/settings.js';
import type { SqlFunction } from '../../contracts/store.js';
import { NUMBER_TEXT, numberSql, presentSql, textSql, trimSql, type SqlColumn } from '../sql/text.js';
import { pythonPattern } from '../sql/patterns.js';
import { compilePredicate } from './predicates.js';
import type { CleaningStep, Test } from './plan.js';
import type { Limits } from './outliers.js';

/** A table of a session under cleaning: its columns, `side`, `rule` and `reason` (why a row has left), in order of ids. */
export interface Layer {
  readonly table: string;
  readonly columns: readonly SqlColumn[];
}

/** Training rows that are still there. */
export const TRAINING = "rule IS NULL AND side = 'train'";

/** Columns in statements: the same names whatever they are called, so that nothing in a name is part of a statement. */
export function columnOf({ columns }: Pick<Layer, 'columns'>, name: string): SqlColumn {
  const found = columns.find((column) => column.name === name);
  if (!found) throw new RangeError(`no column ${name} in the plan`); // the plan was checked against the table
  return found;
}

/** Which rows a step drops, and why: conditions and a text over a row. */
export function dropSql(
  layer: Layer,
  step: Extract<CleaningStep, { do: 'drop' }>,
  index: number,
): { readonly when: string; readonly reason: string } {
  const rows = step.rows === 'all' ? 'rule IS NULL' : TRAINING;
  return { when: `${rows} AND (${testSql(layer, step.test, index)})`, reason: dropReason(layer, step) };
}

/** A change of rows in place: new values of columns, where a condition holds. */
export interface Change {
  readonly set: Readonly<Record<string, string>>;
  readonly where: string;
}

/** Drops rows for which the test holds. */
export function dropRows(layer: Layer, step: Extract<CleaningStep, { do: 'drop' }>, index: number): Change {
  const { when, reason } = dropSql(layer, step, index);
  return marked(when, step.rule, reason);
}

/** Drops training rows outside of the limits. */
export function dropOutliers(
  layer: Layer,
  { column, rule }: Extract<CleaningStep, { do: 'limit' }>,
  limits: Limits,
): Change {
  const { sql } = columnOf(layer, column);
  const { low, high } = limits;
  const range = `${low} to ${high} by ${rule.method} over the training rows`;
  const reason = `${textSql(`${rule.column} is `)} || ${NUMBER_TEXT}(${sql}) || ${textSql(`, outside ${range}`)}`;
  return marked(`${TRAINING} AND ${outside(sql, limits)}`, 'outlier', reason);
}

/** Moves values into the limits, of all rows that are still there. */
export function clipValues(layer: Layer, column: string, limits: Limits): Change {
  const { sql } = columnOf(layer, column);
  const [least, most] = [numberSql(limits.low), numberSql(limits.high)];
  const moved = `CASE WHEN ${sql} < ${least} THEN ${least} ELSE ${most} END`;
  return { set: { [sql]: moved }, where: `rule IS NULL AND ${outside(sql, limits)}` };
}

/** Fills missing cells of all rows that are still there. */
export function fillCells(layer: Layer, column: string, fill: number | string): Change {
  const { sql } = columnOf(layer, column);
  const value = typeof fill === 'number' ? numberSql(fill) : textSql(fill);
  return { set: { [sql]: value }, where: `rule IS NULL AND ${sql} IS NULL` };
}

/** The change as a statement that makes it in the table itself. */
export function updateSql({ table }: Layer, { set, where }: Change): string {
  const values = Object.entries(set).map(([column, value]) => `${column} = ${value}`);
  return `UPDATE ${table} SET ${values.join(', ')} WHERE ${where}`;
}

/** The change as a SELECT of the table as it would be, with the columns `more` beside. */
export function changedSql(
  { table, columns }: Layer,
  { set, where }: Change,
  more: readonly string[],
): string {
  const all = [...more, 'side', ...columns.map(({ sql }) => sql), 'rule', 'reason'];
  const values = all.map((column) =>
    column in set ? `CASE WHEN ${where} THEN ${set[column]!} ELSE ${column} END AS ${column}` : column,
  );
  return `SELECT ${values.join(', ')} FROM ${table}`;
}

const outside = (column: string, { low, high }: Limits): string =>
  `(${column} < ${numberSql(low)} OR ${column} > ${numberSql(high)})`;

const marked = (where: string, rule: string, reason: string): Change => ({
  set: { rule: textSql(rule), reason },
  where,
});

function dropReason(
  layer: Layer,
  { rule, test, column, expected }: Extract<CleaningStep, { do: 'drop' }>,
): string {
  switch (rule) {
    case 'irrelevant':
      return textSql(expected);
    case 'missing':
      return textSql(`${column} is missing`);
    case 'too_short': {
      const least = test.is === 'shorter' ? test.than : 0;
      return `CAST(${lengthSql(layer, test)} AS VARCHAR) || ${textSql(` characters in ${column}; at least ${least} are needed`)}`;
    }
    case 'contract': {
      const cell = 'column' in test ? columnOf(layer, test.column) : undefined;
      return `${textSql(`${column} is `)} || shown_text(${cellText(cell!)}) || ${textSql(`, expected ${expected}`)}`;
    }
  }
}

const cellText = ({ type, sql }: SqlColumn): string => (type === 'float64' ? `${NUMBER_TEXT}(${sql})` : sql);

function lengthSql(layer: Layer, test: Test): string {
  const columns = test.is === 'shorter' ? test.columns : [];
  const lengths = columns.map((name) => `coalesce(length(${trimSql(cellText(columnOf(layer, name)))}), 0)`);
  return lengths.join(' + ');
}

/** The test as a condition; `index` tells functions of patterns apart. */
export function testSql(layer: Layer, test: Test, index: number): string {
  if (test.is === 'shorter') return `${lengthSql(layer, test)} < ${test.than}`;
  const column = columnOf(layer, test.column);
  const { sql, type } = column;
  const number = type === 'float64' ? sql : `as_number(${sql})`;
  switch (test.is) {
    case 'missing':
      return `${sql} IS NULL`;
    case 'below':
      return `${sql} IS NOT NULL AND NOT coalesce(${number} >= ${numberSql(test.limit)}, false)`;
    case 'above':
      return `${sql} IS NOT NULL AND NOT coalesce(${number} <= ${numberSql(test.limit)}, false)`;
    case 'notOneOf':
      return test.allowed.length === 0
        ? `${sql} IS NOT NULL`
        : `coalesce(${cellText(column)} NOT IN (${test.allowed.map(textSql).join(', ')}), false)`;
    case 'predicate':
      return `coalesce(${predicateSql(column, test.predicate, index)}, false)`;
  }
}

function predicateSql(
  column: SqlColumn,
  { op, value }: Extract<Test, { is: 'predicate' }>['predicate'],
  index: number,
): string {
  const isNumeric = column.type === 'float64';
  const number = isNumeric ? column.sql : `as_number(${column.sql})`;
  const text = String(value);
  switch (op) {
    case 'missing':
      return isNumeric ? `${column.sql} IS NULL` : `${presentSql(column.sql)} IS NULL`;
    case 'equals':
      return same(column, text);
    case 'notEquals':
      return `NOT (${same(column, text)})`;
    case 'contains':
      return `contains(${cellText(column)}, ${textSql(text)})`;
    case 'lessThan':
      return `${number} < ${numberSql(Number(value))}`;
    case 'greaterThan':
      return `${number} > ${numberSql(Number(value))}`;
    case 'matches':
      return literalMatch(cellText(column), text) ?? `matches_${index}(${cellText(column)}) = 1`;
  }
}

/** A pattern that is nothing but a word, at the start, the end or anywhere: the database finds it by itself. */
function literalMatch(cell: string, pattern: string): string | undefined {
  const [, start, word, end] = /^(\^?)([\w :;,=@#%&!~'"-]+)(\$?)$/.exec(pattern) ?? [];
  if (word === undefined) return undefined;
  if (start && end) return `${cell} = ${textSql(word)}`;
  return `${start ? 'starts_with' : end ? 'ends_with' : 'contains'}(${cell}, ${textSql(word)})`;
}

function same({ type, sql }: SqlColumn, text: string): string {
  if (type === 'utf8') return `${sql} = ${textSql(text)}`;
  const number = Number(text);
  // No number is what is none; of a missing one nothing is said.
  return Number.isFinite(number)
    ? `${sql} = ${numberSql(number)}`
    : `CASE WHEN ${sql} IS NOT NULL THEN false END`;
}

/** What the tests of a plan need beside: patterns are matched by our own reader of patterns. */
export function planFunctions(steps: readonly CleaningStep[]): readonly SqlFunction[] {
  const matches = steps.flatMap((step, index): SqlFunction[] => {
    if (step.do !== 'drop' || step.test.is !== 'predicate' || step.test.predicate.op !== 'matches') return [];
    const holds = compilePredicate(step.test.predicate, false);
    const pattern = pythonPattern(String(step.test.predicate.value));
    return [
      {
        name: `matches_${index}`,
        ...(typeof pattern === 'string' ? { elsewhere: { name: 'matches', params: [pattern] } } : {}),
        takes: 'text',
        gives: 'number',
        call: (text: string) => Number(holds(text)),
      },
    ];
  });
  const asNumber = (text: string): number | null => {
    const value = Number(text);
    return Number.isNaN(value) ? null : value;
  };
  const elsewhere = { name: 'as_number', params: [] };
  return [{ name: 'as_number', elsewhere, takes: 'text', gives: 'number', call: asNumber }, ...matches];
}

/**
 * What another engine than this machine's can't do of the rules, as it would be said of each one.
 *
 * @returns positions in `irrelevant`, and why
 */
export function foreignRules({ irrelevant }: Pick<CleanConfig, 'irrelevant'>): readonly ForeignRule[] {
  return irrelevant.flatMap(({ op, value }, index) => {
    const pattern = op === 'matches' && value !== undefined ? pythonPattern(String(value)) : '';
    if (typeof pattern === 'string') return [];
    const why =
      `dataEngine spark has nothing like ${pattern.foreign} in patterns; allowed are characters, [classes], \\d \\w \\s \\b, ` +
      'groups, look-ahead, | and * + ? {n,m}: write it so, or leave dataEngine out';
    return [{ index, why }];
  });
}

interface ForeignRule {
  readonly index: number;
  readonly why: string;
}
