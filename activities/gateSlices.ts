import type { GateConfig } from '../contracts/gateSettings.js';
import type { Columns } from '../contracts/settings.js';
import type { ColumnBatch } from '../contracts/table.js';
import { enumerateSlices, type Slice } from '../core/slices/enumerateSlices.js';
import { sliceColumns } from './sliceColumns.js';

/** A slice of each class: rows whose label it is. */
export const classSlices = (classes: readonly string[], targets: Int32Array): Slice[] =>
  classes.map((name, code) => ({
    name: `target = ${name}`,
    rows: Int32Array.from(targets.keys()).filter((i) => targets[i] === code),
  }));

/**
 * Slices of test rows by the columns that an analysis cuts by, each alone, with as many rows as any threshold asks for.
 *
 * @param asked columns to cut by, instead of all that features are made of
 */
export function columnSlices(
  rows: ColumnBatch,
  columns: Columns,
  asked: readonly string[] | undefined,
  { minSliceSupport, slices }: GateConfig,
): Slice[] {
  const least = Math.min(minSliceSupport, ...Object.values(slices).map(({ minSupport = 1 }) => minSupport));
  return enumerateSlices({
    columns: sliceColumns(rows, columns, asked),
    minSupport: least,
    pairs: false,
  });
}
