import type { ColumnSpec } from '../contracts/artifact.js';
import type { ColumnBatch } from '../contracts/table.js';

/** One row a sample and epoch, epochs ascending, then rows. */
export const DYNAMICS_COLUMNS = [
  { name: 'epoch', type: 'int32' },
  { name: 'row', type: 'int32' },
  { name: 'logits', type: 'float64[]' },
] as const satisfies readonly ColumnSpec[];

/** An epoch of the table. */
export const dynamicsBatch = (
  epoch: number,
  rows: Int32Array,
  width: number,
  values: Float64Array,
): ColumnBatch => ({
  rows: rows.length,
  columns: {
    epoch: new Int32Array(rows.length).fill(epoch),
    row: rows,
    logits: { width, values },
  },
});
