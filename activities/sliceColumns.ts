import { DataError } from '../contracts/errors.js';
import type { Columns } from '../contracts/settings.js';
import type { ColumnBatch } from '../contracts/table.js';
import type { SliceColumn } from '../core/slices/enumerateSlices.js';

/** What slices are cut by: the columns asked for, else categories, numbers, and the length of texts. */
export const sliceColumnNames = (columns: Columns, asked?: readonly string[]): readonly string[] =>
  asked ?? [...columns.categorical, ...columns.numeric, ...columns.text];

/** @throws DataError where a column that was asked for is not in the dataset */
export const sliceColumns = (
  dataset: ColumnBatch,
  columns: Columns,
  asked?: readonly string[],
): SliceColumn[] =>
  sliceColumnNames(columns, asked).map((name) => ({ name, values: valuesOf(dataset, name) }));

function valuesOf(dataset: ColumnBatch, name: string): SliceColumn['values'] {
  const column = dataset.columns[name];
  if (!column) {
    const known = Object.keys(dataset.columns).join(', ');
    throw new DataError(`analyse.slices.columns: no column "${name}"; the dataset has ${known}`);
  }
  if (Array.isArray(column)) return column as readonly (string | null)[];
  return Array.from(column as Float64Array, (value) => (Number.isNaN(value) ? null : value));
}
