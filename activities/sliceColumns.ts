import { DataError } from '../contracts/errors.js';
import type { Columns } from '../contracts/settings.js';
import type { ColumnBatch } from '../contracts/table.js';
import type { SliceColumn } from '../core/slices/enumerateSlices.js';
import type { Task } from '../core/tasks/index.js';
import type { JudgedRows } from './judged.js';

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

/**
 * What slices of the judged units are cut by: of a task that judges groups as a whole, the columns that say the same of all
 * rows of a group (the query and its length, a category of the query), one value a group.
 *
 * @param columns of the judged rows
 */
export function unitColumns(
  task: Task,
  judged: JudgedRows,
  columns: readonly SliceColumn[],
): readonly SliceColumn[] {
  if (task.judges === 'samples') return columns;
  const firsts = task.unitsOf(judged);
  const firstOf = new Map(Array.from(firsts, (at) => [judged.groups[at]!, at]));
  return columns
    .filter(({ values }) =>
      values.every((value, at) => value === values[firstOf.get(judged.groups[at]!) ?? at]),
    )
    .map((column) => ({ ...column, values: Array.from(firsts, (at) => column.values[at]!) }));
}
