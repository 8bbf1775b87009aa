import type { ColumnBatch } from '../contracts/table.js';
import { texts } from '../core/table.js';

/** Groups that the user named, as numbers; a row without one is a group of its own. */
export function userGroups(table: ColumnBatch): Int32Array {
  if (!table.columns['group']) return Int32Array.from({ length: table.rows }, (_, row) => row);
  const known = new Map<string, number>();
  return Int32Array.from(texts(table, 'group'), (name, row) => {
    if (name === null) return row;
    const found = known.get(name) ?? row;
    known.set(name, found);
    return found;
  });
}
