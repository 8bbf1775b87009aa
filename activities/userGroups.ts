import type { ColumnBatch } from '../contracts/table.js';
import { texts } from '../core/table.js';

/** Groups that the user named, as numbers; a row without one is a group of its own. */
export const userGroups = (table: ColumnBatch): Int32Array => groupNumbers()(table);

/**
 * The same for a table that comes in parts.
 *
 * @returns a function that numbers the groups of the next part
 */
export function groupNumbers(): (batch: ColumnBatch) => Int32Array {
  const known = new Map<string, number>();
  let first = 0;
  return (batch) => {
    const from = first;
    first += batch.rows;
    if (!batch.columns['group']) return Int32Array.from({ length: batch.rows }, (_, row) => from + row);
    return Int32Array.from(texts(batch, 'group'), (name, row) => {
      if (name === null) return from + row;
      const found = known.get(name) ?? from + row;
      known.set(name, found);
      return found;
    });
  };
}
