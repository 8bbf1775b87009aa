import type { DatasetConfig } from '../../contracts/settings.js';

export interface IdColumns {
  readonly ids: readonly string[]; // (n,), in reading order
  readonly targets: readonly string[]; // (n,)
  readonly timesMs: readonly number[] | undefined; // (n,), NaN where missing
}

/** A row that shares its id with another one and doesn't stay. */
export interface DroppedDuplicate {
  readonly row: number;
  readonly rule: 'duplicate_id' | 'conflicting_id';
  /** The row that stays; undefined where none does. */
  readonly kept: number | undefined;
}

/**
 * Which rows leave so that every id is there once. `quarantine` keeps the first row of an id, unless its rows
 * disagree on the target: then nobody knows which is right, and all leave. `newest` keeps the row with the latest
 * time (the last of equals; a missing time is the oldest).
 *
 * @returns by row, ascending
 */
export function dropDuplicateIds(
  { ids, targets, timesMs }: IdColumns,
  rule: DatasetConfig['duplicateIds'],
): DroppedDuplicate[] {
  const dropped: DroppedDuplicate[] = [];
  for (const rows of repeated(ids)) {
    if (rule === 'newest') {
      const kept = newest(rows, timesMs!);
      for (const row of rows) if (row !== kept) dropped.push({ row, rule: 'duplicate_id', kept });
    } else if (rows.some((row) => targets[row] !== targets[rows[0]!])) {
      for (const row of rows) dropped.push({ row, rule: 'conflicting_id', kept: undefined });
    } else {
      for (const row of rows.slice(1)) dropped.push({ row, rule: 'duplicate_id', kept: rows[0]! });
    }
  }
  return dropped.sort((a, b) => a.row - b.row);
}

/** Rows of each id that is there more than once. */
function repeated(ids: readonly string[]): number[][] {
  const first = new Map<string, number>();
  const groups = new Map<string, number[]>();
  ids.forEach((id, row) => {
    const earlier = first.get(id);
    if (earlier === undefined) {
      first.set(id, row);
      return;
    }
    const rows = groups.get(id) ?? [earlier];
    rows.push(row);
    groups.set(id, rows);
  });
  return [...groups.values()];
}

function newest(rows: readonly number[], timesMs: readonly number[]): number {
  const time = (row: number): number => (Number.isNaN(timesMs[row]) ? -Infinity : timesMs[row]!);
  return rows.reduce((best, row) => (time(row) >= time(best) ? row : best));
}
