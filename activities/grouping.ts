import type { ColumnBatch } from '../contracts/table.js';
import { nearDuplicateClusters } from '../core/duplicates/nearDuplicates.js';
import { texts } from '../core/table.js';

/** Near-duplicate cluster of each row, by its text columns together; without any, rows are clusters of their own. */
export function textClusters(table: ColumnBatch, columns: readonly string[], threshold: number): Int32Array {
  if (columns.length === 0) return Int32Array.from({ length: table.rows }, (_, row) => row);
  const parts = columns.map((name) => texts(table, name));
  const joined = Array.from({ length: table.rows }, (_, row) =>
    parts.map((part) => part[row] ?? '').join(' '),
  );
  return nearDuplicateClusters(joined, threshold);
}
