import type { Column, ColumnBatch } from '../../contracts/table.js';

function columnOf(batch: ColumnBatch, name: string): Column {
  const column = batch.columns[name];
  if (column) return column;
  throw new RangeError(
    `feature column ${name} is missing; the batch has ${Object.keys(batch.columns).join(', ')}`,
  );
}

/** A column as texts; what is missing is null. */
export function textColumn(batch: ColumnBatch, name: string): (string | null)[] {
  const column = columnOf(batch, name);
  if ('width' in column)
    throw new RangeError(`feature column ${name}: expected one value a row, got a vector`);
  return Array.from(column as ArrayLike<unknown>, (value) =>
    value === null || Number.isNaN(value) ? null : String(value),
  );
}

/** A column as numbers; what is missing or no number is NaN. */
export function numberColumn(batch: ColumnBatch, name: string): Float64Array {
  const column = columnOf(batch, name);
  if ('width' in column)
    throw new RangeError(`feature column ${name}: expected one value a row, got a vector`);
  const numbers = new Float64Array(batch.rows);
  for (let row = 0; row < batch.rows; row++) {
    const value = column[row];
    const number = value === null || value === '' ? Number.NaN : Number(value);
    numbers[row] = Number.isFinite(number) ? number : Number.NaN;
  }
  return numbers;
}

/** Text columns of a batch, one text a row: joined with a space, so that they share one vocabulary. */
export function joinedTexts(batch: ColumnBatch, names: readonly string[]): string[] {
  const columns = names.map((name) => textColumn(batch, name));
  return Array.from({ length: batch.rows }, (_, row) =>
    columns
      .map((column) => column[row] ?? '')
      .filter((text) => text !== '')
      .join(' '),
  );
}
