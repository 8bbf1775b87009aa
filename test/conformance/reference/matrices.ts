import type { DenseMatrix } from '../../../contracts/matrix.js';
import type { FeatureRows } from '../../../core/importance/index.js';

/** Rows as a matrix. */
export const matrixOf = (rows: readonly (readonly number[])[]): DenseMatrix => ({
  rows: rows.length,
  cols: rows[0]?.length ?? 0,
  values: Float64Array.from(rows.flat()),
});

/** Rows as dense features. */
export const featuresOf = (rows: readonly (readonly number[])[]): FeatureRows => ({
  kind: 'dense',
  matrix: matrixOf(rows),
});

/** An (n, m) table from its columns. */
export const fromColumns = (columns: readonly Float64Array[]): number[][] =>
  Array.from(columns[0] ?? [], (_, i) => columns.map((column) => column[i]!));
