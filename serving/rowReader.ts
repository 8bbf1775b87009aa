import type { Column, ColumnBatch } from '../contracts/table.js';
import { parseNumber } from '../core/ingest/values.js';
import type { InputColumn } from './servedModel.js';

/** A cell that a column can't take: where, and why. */
export interface BadCell {
  readonly row: number;
  readonly column: string;
  readonly reason: string;
}

export type Cell = string | number | boolean | null | undefined;

/**
 * Rows as the table that a model reads. A missing cell is null or ""; a number may come as text.
 *
 * @param cell of a row, as it was given
 * @returns the table; or every cell that is none
 */
export function tableOf(
  columns: readonly InputColumn[],
  rows: number,
  cell: (row: number, column: string) => Cell,
): { readonly batch: ColumnBatch; readonly bad: readonly BadCell[] } {
  const bad: BadCell[] = [];
  const made = columns.map(({ name, isNumeric }): [string, Column] => {
    const values = Array.from({ length: rows }, (_, row) => cell(row, name));
    if (!isNumeric) return [name, values.map(asText)];
    const numbers = values.map((value, row) => {
      const number = asNumber(value);
      if (typeof number === 'number') return number;
      bad.push({ row, column: name, reason: number.reason });
      return NaN;
    });
    return [name, Float64Array.from(numbers)];
  });
  return { batch: { rows, columns: Object.fromEntries(made) }, bad };
}

const asText = (value: Cell): string | null =>
  value === null || value === undefined || value === '' ? null : String(value);

function asNumber(value: Cell): number | { readonly reason: string } {
  if (value === null || value === undefined) return NaN;
  if (typeof value === 'number') {
    return Number.isFinite(value) ? value : { reason: `${value} is not a finite number` };
  }
  const text = String(value);
  return text.trim() === '' ? NaN : parseNumber(text);
}
