import type { CellTest, Clause, Condition, Rule } from '../../contracts/knowledge.js';
import type { ColumnBatch } from '../../contracts/table.js';
import { numberColumn, textColumn } from '../features/columns.js';
import { phraseFinder } from './phrases.js';

/** A question about a row of one batch. */
type RowTest = (row: number) => boolean;

/**
 * Which rows a rule speaks of, (n,): 1 where its condition holds.
 *
 * @throws RangeError if the batch lacks a column
 */
export function rowsOfRule({ if: condition }: Rule, batch: ColumnBatch): Uint8Array {
  const holds = testOf(condition, batch);
  return Uint8Array.from({ length: batch.rows }, (_, row) => Number(holds(row)));
}

/** Columns that a rule looks at. */
export function columnsOfRule(rule: Rule): string[] {
  const columns = new Set<string>();
  const visit = (condition: Condition): void => {
    if ('column' in condition) columns.add(condition.column);
    else if ('not' in condition) visit(condition.not);
    else for (const part of 'all' in condition ? condition.all : condition.any) visit(part);
  };
  visit(rule.if);
  return [...columns];
}

function testOf(condition: Condition | Clause, batch: ColumnBatch): RowTest {
  if ('column' in condition) return cellTest(condition, batch);
  if ('not' in condition) {
    const holds = cellTest(condition.not, batch);
    return (row) => !holds(row);
  }
  if ('all' in condition) {
    const tests = condition.all.map((part) => testOf(part, batch));
    return (row) => tests.every((holds) => holds(row));
  }
  const tests = condition.any.map((part) => testOf(part, batch));
  return (row) => tests.some((holds) => holds(row));
}

/** A missing cell meets no wish but `missing: true`. */
function cellTest(
  { column, contains, equals, above, below, missing }: CellTest,
  batch: ColumnBatch,
): RowTest {
  const cells = textColumn(batch, column);
  const tests: RowTest[] = [];
  if (missing !== undefined) tests.push((row) => (cells[row] === null) === missing);
  if (contains !== undefined) {
    const finds = phraseFinder([contains].flat());
    tests.push((row) => cells[row] !== null && finds(cells[row]!));
  }
  if (equals !== undefined) {
    const allowed = new Set([equals].flat().map((text) => text.toLowerCase()));
    tests.push((row) => cells[row] !== null && allowed.has(cells[row]!.toLowerCase()));
  }
  if (above !== undefined || below !== undefined) {
    const numbers = numberColumn(batch, column);
    tests.push((row) => numbers[row]! > (above ?? -Infinity) && numbers[row]! < (below ?? Infinity));
  }
  return (row) => tests.every((holds) => holds(row));
}
