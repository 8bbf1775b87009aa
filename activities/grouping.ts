import type { ColumnBatch } from '../contracts/table.js';
import { nearDuplicateClusters } from '../core/duplicates/nearDuplicates.js';
import { texts } from '../core/table.js';

/** Near-duplicate cluster of each row, by its text columns together; without any, rows are clusters of their own. */
export const textClusters = (
  table: ColumnBatch,
  columns: readonly string[],
  threshold: number,
): Int32Array =>
  columns.length === 0
    ? ownClusters(table.rows)
    : nearDuplicateClusters(comparedTexts(table, columns), threshold);

/** Every row a cluster of its own. */
export const ownClusters = (rows: number): Int32Array => Int32Array.from({ length: rows }, (_, row) => row);

/** What near-duplicates are found by, a text a row. */
export function comparedTexts(table: ColumnBatch, columns: readonly string[]): string[] {
  const parts = columns.map((name) => texts(table, name));
  return Array.from({ length: table.rows }, (_, row) => parts.map((part) => part[row] ?? '').join(' '));
}
