import type { ColumnSpec } from './artifact.js';

/** A fixed-width vector a row, row-major: values.length = rows × width. */
export interface VectorColumn {
  readonly width: number;
  readonly values: Float64Array;
}

/**
 * One column of a batch. Missing values: `null` in utf8; NaN in float columns (stored as NULL, so that a stored
 * float is never NaN); other types have none.
 */
export type Column =
  | readonly (string | null)[] // utf8
  | readonly Uint8Array[] // bytes
  | Uint8Array // bool, 0 or 1
  | Int32Array
  | BigInt64Array
  | Float32Array
  | Float64Array
  | VectorColumn; // float64[]

/** Some consecutive rows of a table, by column. Stages read and write these, never arrays of row objects. */
export interface ColumnBatch {
  readonly rows: number;
  readonly columns: Readonly<Record<string, Column>>;
}

export type TableSchema = readonly ColumnSpec[];
