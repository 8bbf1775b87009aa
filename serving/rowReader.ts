import type { Column, ColumnBatch } from '../contracts/table.js';
import { parseNumber, parseVector } from '../core/ingest/values.js';
import type { InputColumn } from './servedModel.js';

/** A cell that a column can't take: where, and why. */
export interface BadCell {
  readonly row: number;
  readonly column: string;
  readonly reason: string;
}

export type Cell = string | number | boolean | null | undefined | readonly number[];

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
  const made = columns.map(({ name, isNumeric, width }): [string, Column] => {
    const values = Array.from({ length: rows }, (_, row) => cell(row, name));
    values.forEach((value, row) => {
      const reason = refusal(value, width);
      if (reason !== undefined) bad.push({ row, column: name, reason });
    });
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

const isMissing = (value: Cell): value is null | undefined | '' =>
  value === null || value === undefined || value === '';

/** Why a cell is no vector, or one where none is read. */
function refusal(value: Cell, width: number | undefined): string | undefined {
  if (width === undefined)
    return typeof value === 'object' && value !== null ? 'expected one value, got a list' : undefined;
  if (isMissing(value)) return undefined;
  const parsed = parseVector(asText(value)!, width);
  return 'reason' in parsed ? parsed.reason : undefined;
}

const asText = (value: Cell): string | null =>
  isMissing(value) ? null : typeof value === 'object' ? JSON.stringify(value) : String(value);

function asNumber(value: Cell): number | { readonly reason: string } {
  if (value === null || value === undefined || typeof value === 'object') return NaN; // lists are told of already
  if (typeof value === 'number') {
    return Number.isFinite(value) ? value : { reason: `${value} is not a finite number` };
  }
  const text = String(value);
  return text.trim() === '' ? NaN : parseNumber(text);
}
