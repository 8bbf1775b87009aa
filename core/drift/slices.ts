import type { SliceShift } from '../../contracts/drift.js';
import { enumerateSlices, type SliceColumn } from '../slices/enumerateSlices.js';

/** A slice that two tables have, by the same limits. */
export interface SharedSlice {
  readonly name: string;
  readonly reference: Int32Array; // rows
  readonly current: Int32Array;
}

/** Slices of two tables that are cut by the same columns, with limits of both together and enough rows in each. */
export function sharedSlices(
  reference: readonly SliceColumn[],
  current: readonly SliceColumn[],
  minSupport: number,
): SharedSlice[] {
  const first = reference[0]?.values.length ?? 0;
  const columns = reference.map((column, i) => ({
    ...column,
    values: [...column.values, ...current[i]!.values],
  }));
  return enumerateSlices({ columns, minSupport: 2 * minSupport, pairs: false })
    .map(({ name, rows }) => ({
      name,
      reference: rows.filter((row) => row < first),
      current: rows.filter((row) => row >= first).map((row) => row - first),
    }))
    .filter((slice) => Math.min(slice.reference.length, slice.current.length) >= minSupport);
}

/**
 * How quality changed inside slices; what lost most first.
 *
 * @param right whether a model is right on each row of the two tables
 */
export function sliceShifts(
  right: { readonly reference: Uint8Array; readonly current: Uint8Array },
  slices: readonly SharedSlice[],
): SliceShift[] {
  const shifts = slices.map((slice): SliceShift => {
    const before = { rows: slice.reference.length, accuracy: accuracy(right.reference, slice.reference) };
    const after = { rows: slice.current.length, accuracy: accuracy(right.current, slice.current) };
    return {
      slice: slice.name,
      reference: before,
      current: after,
      change: after.accuracy - before.accuracy,
    };
  });
  return shifts.sort((a, b) => a.change - b.change);
}

const accuracy = (right: Uint8Array, rows: Int32Array): number =>
  rows.reduce((sum, row) => sum + right[row]!, 0) / rows.length;
