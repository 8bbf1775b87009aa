import type { GateConfig } from '../contracts/gateSettings.js';
import { enumerateSlices, type Slice, type SliceColumn } from '../core/slices/enumerateSlices.js';

/** A slice of each class: rows whose label it is. */
export const classSlices = (classes: readonly string[], targets: Int32Array): Slice[] =>
  classes.map((name, code) => ({
    name: `target = ${name}`,
    rows: Int32Array.from(targets.keys()).filter((i) => targets[i] === code),
  }));

/** Slices by the columns that an analysis cuts by, each alone, with as many rows as any threshold asks for. */
export function columnSlices(
  columns: readonly SliceColumn[],
  { minSliceSupport, slices }: GateConfig,
): Slice[] {
  const least = Math.min(minSliceSupport, ...Object.values(slices).map(({ minSupport = 1 }) => minSupport));
  return enumerateSlices({ columns, minSupport: least, pairs: false });
}
