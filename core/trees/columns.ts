import { ConfigError } from '../../contracts/errors.js';
import type { CsrMatrix, DenseMatrix } from '../../contracts/matrix.js';
import type { ModelInput } from '../../contracts/model.js';
import { argsort } from '../argsort.js';
import { transpose } from '../sparse.js';

/** What trees are fed: features as a sparse or a dense matrix; NaN is a missing value. */
export type FeatureInput = Extract<ModelInput, { kind: 'sparse' | 'dense' }>;

/** A feature of some rows, sorted. */
export interface Column {
  readonly feature: number;
  readonly categorical: boolean;
  /** Rows that aren't listed have the value 0. */
  readonly sparse: boolean;
  readonly rows: Int32Array; // ascending by value, then by row; missing values last
  readonly values: Float64Array; // of `rows`
  readonly missing: number; // how many of `rows` have no value
}

/** Features by column, of the rows that training uses; what is constant is left out. */
export interface ColumnTable {
  readonly rows: number;
  readonly features: number; // d, of the input
  readonly columns: readonly Column[];
}

/** Categories are codes below this: each has a bin of its own, beside the one for missing values. */
export const MOST_CATEGORIES = 255;

const SPARSE_BELOW = 0.3; // share of rows with a value other than 0

/** Whether a table takes this input, so that a model can refuse it. */
export const isFeatureInput = (input: ModelInput): input is FeatureInput =>
  input.kind === 'sparse' || input.kind === 'dense';

/**
 * The columns of the chosen rows, each sorted; row numbers are places in `chosen`.
 *
 * @param categorical features whose values are codes, whole numbers from 0 to 254
 * @throws ConfigError where a category isn't such a code, or no feature has its number
 */
export function columnTable(
  input: FeatureInput,
  chosen: Int32Array,
  categorical: readonly number[],
): ColumnTable {
  const features = input.matrix.cols;
  const unknown = categorical.find((feature) => feature >= features);
  if (unknown !== undefined) {
    throw new ConfigError(`categorical: expected numbers of features below ${features}, got ${unknown}`);
  }
  const isCategorical = new Set(categorical);
  const read =
    input.kind === 'sparse' ? sparseReader(input.matrix, chosen) : denseReader(input.matrix, chosen);
  const columns: Column[] = [];
  for (let feature = 0; feature < features; feature++) {
    const column = sortedColumn(read(feature), chosen.length, feature, isCategorical.has(feature));
    if (column) columns.push(column);
  }
  return { rows: chosen.length, features, columns };
}

/** The entries of a column other than 0, ascending by row. */
interface Entries {
  readonly rows: Int32Array;
  readonly values: Float64Array;
}

function sparseReader(matrix: CsrMatrix, chosen: Int32Array): (feature: number) => Entries {
  const byColumn = transpose(matrix);
  const place = new Int32Array(matrix.rows).fill(-1);
  chosen.forEach((row, i) => (place[row] = i));
  return (feature) => {
    const [from, to] = [byColumn.indptr[feature]!, byColumn.indptr[feature + 1]!];
    const rows = new Int32Array(to - from);
    const values = new Float64Array(to - from);
    let count = 0;
    for (let p = from; p < to; p++) {
      const row = place[byColumn.indices[p]!]!;
      if (row < 0 || byColumn.values[p] === 0) continue;
      rows[count] = row;
      values[count++] = byColumn.values[p]!;
    }
    return { rows: rows.subarray(0, count), values: values.subarray(0, count) };
  };
}

function denseReader({ cols, values }: DenseMatrix, chosen: Int32Array): (feature: number) => Entries {
  return (feature) => {
    const rows = new Int32Array(chosen.length);
    const kept = new Float64Array(chosen.length);
    let count = 0;
    for (let i = 0; i < chosen.length; i++) {
      const value = values[chosen[i]! * cols + feature]!;
      if (value === 0) continue;
      rows[count] = i;
      kept[count++] = value;
    }
    return { rows: rows.subarray(0, count), values: kept.subarray(0, count) };
  };
}

function sortedColumn(
  entries: Entries,
  n: number,
  feature: number,
  categorical: boolean,
): Column | undefined {
  const sparse = entries.rows.length < SPARSE_BELOW * n;
  const { rows, values } = sparse ? entries : filled(entries, n);
  const order = argsort(values);
  const sorted = new Float64Array(order.length);
  const sortedRows = new Int32Array(order.length);
  for (let p = 0; p < order.length; p++) {
    sorted[p] = values[order[p]!]!;
    sortedRows[p] = rows[order[p]!]!;
  }
  let missing = 0;
  while (missing < sorted.length && Number.isNaN(sorted[sorted.length - 1 - missing])) missing++;
  const known = sorted.length - missing;
  const constant = missing === 0 && (known === 0 || (!sparse && sorted[0] === sorted[known - 1]));
  if (constant) return undefined;
  if (categorical) checkCategories(sorted.subarray(0, known), feature);
  return { feature, categorical, sparse, rows: sortedRows, values: sorted, missing };
}

function filled({ rows, values }: Entries, n: number): Entries {
  if (rows.length === n) return { rows, values };
  const all = new Float64Array(n);
  const every = new Int32Array(n);
  for (let i = 0; i < n; i++) every[i] = i;
  for (let p = 0; p < rows.length; p++) all[rows[p]!] = values[p]!;
  return { rows: every, values: all };
}

function checkCategories(values: Float64Array, feature: number): void {
  const wrong = values.find((value) => !Number.isInteger(value) || value < 0 || value >= MOST_CATEGORIES);
  if (wrong === undefined) return;
  throw new ConfigError(
    `categorical: expected codes from 0 to ${MOST_CATEGORIES - 1} in feature ${feature}, got ${wrong}; leave it out of \`categorical\` or encode it`,
  );
}

/** Calls `visit` with each row as d numbers, in a buffer that is used again. */
export function eachRow(input: FeatureInput, visit: (values: Float64Array, row: number) => void): void {
  if (input.kind === 'dense') {
    const { rows, cols, values } = input.matrix;
    for (let row = 0; row < rows; row++) visit(values.subarray(row * cols, (row + 1) * cols), row);
    return;
  }
  const { rows, cols, indptr, indices, values } = input.matrix;
  const buffer = new Float64Array(cols);
  for (let row = 0; row < rows; row++) {
    for (let p = indptr[row]!; p < indptr[row + 1]!; p++) buffer[indices[p]!] = values[p]!;
    visit(buffer, row);
    for (let p = indptr[row]!; p < indptr[row + 1]!; p++) buffer[indices[p]!] = 0;
  }
}
