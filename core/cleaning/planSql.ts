import type { SqlFunction } from '../../contracts/store.js';
import { NUMBER_TEXT, numberSql, presentSql, textSql, trimSql, type SqlColumn } from '../sql/text.js';
import { compilePredicate } from './predicates.js';
import type { CleaningStep, Test } from './plan.js';
import type { Limits } from './outliers.js';

/** A table under cleaning, as a SELECT of its columns, of `rule` and `reason` (why a row has left), in layers. */
export interface Layer {
  readonly select: string;
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

/** The next layer: drops rows for which the test holds. */
export function dropLayer(layer: Layer, step: Extract<CleaningStep, { do: 'drop' }>, index: number): Layer {
  const rows = step.rows === 'all' ? 'rule IS NULL' : TRAINING;
  const reason = dropReason(layer, step);
  return marked(layer, `${rows} AND (${testSql(layer, step.test, index)})`, step.rule, reason);
}

/** Drops training rows outside of the limits. */
export function outlierLayer(
  layer: Layer,
  { column, rule }: Extract<CleaningStep, { do: 'limit' }>,
  limits: Limits,
): Layer {
  const { sql } = columnOf(layer, column);
  const { low, high } = limits;
  const range = `${low} to ${high} by ${rule.method} over the training rows`;
  const reason = `${textSql(`${rule.column} is `)} || ${NUMBER_TEXT}(${sql}) || ${textSql(`, outside ${range}`)}`;
  const isOutside = `(${sql} < ${numberSql(low)} OR ${sql} > ${numberSql(high)})`;
  return marked(layer, `${TRAINING} AND ${isOutside}`, 'outlier', reason);
}

/** Moves values into the limits, of all rows that are still there. */
export function clipLayer(layer: Layer, column: string, { low, high }: Limits): Layer {
  const { sql } = columnOf(layer, column);
  const [least, most] = [numberSql(low), numberSql(high)];
  return replaced(
    layer,
    sql,
    `CASE WHEN rule IS NULL AND ${sql} < ${least} THEN ${least} WHEN rule IS NULL AND ${sql} > ${most} THEN ${most} ELSE ${sql} END`,
  );
}

/** Fills missing cells of all rows that are still there. */
export function fillLayer(layer: Layer, column: string, fill: number | string): Layer {
  const { sql } = columnOf(layer, column);
  const value = typeof fill === 'number' ? numberSql(fill) : textSql(fill);
  return replaced(layer, sql, `CASE WHEN rule IS NULL AND ${sql} IS NULL THEN ${value} ELSE ${sql} END`);
}

function marked(layer: Layer, when: string, rule: string, reason: string): Layer {
  const columns = layer.columns.map(({ sql }) => sql).join(', ');
  const mark = (value: string, name: string): string =>
    `CASE WHEN ${when} THEN ${value} ELSE ${name} END AS ${name}`;
  // The reason is looked at before the rule is set: both see the layer below.
  return {
    ...layer,
    select: `SELECT side, ${columns}, ${mark(textSql(rule), 'rule')}, ${mark(reason, 'reason')} FROM (${layer.select})`,
  };
}

function replaced(layer: Layer, column: string, value: string): Layer {
  const columns = layer.columns.map(({ sql }) => (sql === column ? `${value} AS ${sql}` : sql)).join(', ');
  return { ...layer, select: `SELECT side, ${columns}, rule, reason FROM (${layer.select})` };
}

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
    return [
      {
        name: `matches_${index}`,
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
  return [{ name: 'as_number', takes: 'text', gives: 'number', call: asNumber }, ...matches];
}
