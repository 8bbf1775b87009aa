import { DataError } from '../../../contracts/errors.js';
import type { ColumnBatch } from '../../../contracts/table.js';
import { textColumn } from '../columns.js';

/**
 * Where each value stands among those of its group: how far it is below the group's highest, and the share of the group's
 * other values that are above it (0 = the best, ties count half).
 *
 * @param values (n,); groups (n,)
 */
export function withinGroups(
  values: Float64Array,
  groups: readonly (string | null)[],
): { readonly belowBest: Float64Array; readonly rank: Float64Array } {
  const members = new Map<string, number[]>();
  groups.forEach((group, row) => {
    const key = group === null ? `\u0000${row}` : group; // a row without a group is alone
    const rows = members.get(key);
    if (rows) rows.push(row);
    else members.set(key, [row]);
  });
  const belowBest = new Float64Array(values.length);
  const rank = new Float64Array(values.length);
  for (const rows of members.values()) {
    rows.sort((a, b) => values[b]! - values[a]! || a - b);
    const best = values[rows[0]!]!;
    for (let from = 0; from < rows.length;) {
      let to = from + 1;
      while (to < rows.length && values[rows[to]!] === values[rows[from]!]) to++;
      for (let place = from; place < to; place++) {
        const row = rows[place]!;
        belowBest[row] = values[row]! - best;
        rank[row] = rows.length > 1 ? (from + (to - 1 - from) / 2) / (rows.length - 1) : 0;
      }
      from = to;
    }
  }
  return { belowBest, rank };
}

/** The query of each row. @param setting that compares them @throws DataError where the table has none */
export function groupsOf(batch: ColumnBatch, setting: string): (string | null)[] {
  if (batch.columns['group']) return textColumn(batch, 'group');
  throw new DataError(
    `${setting} compares the rows of a query: name its column under dataset.columns.group, or say inQuery: false`,
  );
}
