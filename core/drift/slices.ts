import type { SliceShift } from '../../contracts/drift.js';

/** Rows of one table, whether a model is right on each, and the slices that they are in. */
export interface JudgedRows {
  readonly right: Uint8Array; // (n,)
  /** Name of a slice to its rows. */
  readonly slices: ReadonlyMap<string, Int32Array>;
}

/** How quality changed inside the slices that both tables have enough rows of; what lost most first. */
export function sliceShifts(reference: JudgedRows, current: JudgedRows, minSupport: number): SliceShift[] {
  const shifts = [...reference.slices].flatMap(([slice, rows]): SliceShift[] => {
    const now = current.slices.get(slice);
    if (!now || rows.length < minSupport || now.length < minSupport) return [];
    const before = { rows: rows.length, accuracy: accuracy(reference.right, rows) };
    const after = { rows: now.length, accuracy: accuracy(current.right, now) };
    return [{ slice, reference: before, current: after, change: after.accuracy - before.accuracy }];
  });
  return shifts.sort((a, b) => a.change - b.change);
}

/** Rows of every value of a column, by `column = value`. */
export function slicesOf(column: string, values: readonly (string | null)[]): Map<string, Int32Array> {
  const rows = new Map<string, number[]>();
  values.forEach((value, row) => {
    if (value === null) return;
    const slice = `${column} = ${value}`;
    const own = rows.get(slice);
    if (own) own.push(row);
    else rows.set(slice, [row]);
  });
  return new Map([...rows].map(([slice, own]) => [slice, Int32Array.from(own)]));
}

const accuracy = (right: Uint8Array, rows: Int32Array): number =>
  rows.reduce((sum, row) => sum + right[row]!, 0) / rows.length;
