import type { Column, ColumnTable } from './columns.js';

/** Values of a feature as a few numbers. */
export interface BinnedFeature {
  readonly feature: number;
  readonly categorical: boolean;
  /** Bin b holds what is at most upper[b] and more than upper[b − 1]; the last one has no upper bound. */
  readonly upper: Float64Array; // (bins − 1,); of a categorical feature, the code of each bin: (bins,)
  readonly bins: number; // without the one for missing values
  readonly hasMissing: boolean; // its bin is number `bins`
  readonly offset: number; // of its first bin in a histogram
  readonly zeroBin: number; // of the rows that a sparse feature doesn't list; −1: dense
}

/** Rows as bins: dense features by column, sparse ones by row. */
export interface BinnedTable {
  readonly rows: number;
  readonly features: readonly BinnedFeature[]; // dense, then sparse
  readonly dense: number; // number of dense features
  readonly totalBins: number;
  readonly codes: Uint8Array; // (dense, n): bin of each row
  readonly indptr: Int32Array; // (n + 1,)
  readonly positions: Int32Array; // places in a histogram, of the rows' entries in sparse features
}

/** Of a feature, the one for missing values aside. */
const MOST_BINS = 255;

/**
 * Cuts every column into at most 255 bins of about equal weight, a bin of its own for missing values and for each
 * category; a feature that no cut can divide into sides of `minSamplesLeaf` is left out.
 *
 * @param weights (n,), positive
 */
export function binColumns(table: ColumnTable, weights: Float64Array, minSamplesLeaf: number): BinnedTable {
  const { rows } = table;
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const kept: { column: Column; binned: Omit<BinnedFeature, 'offset'> }[] = [];
  for (const column of [...table.columns].sort((a, b) => Number(a.sparse) - Number(b.sparse))) {
    const binned = binFeature(column, weights, total, minSamplesLeaf);
    if (binned) kept.push({ column, binned });
  }
  let offset = 0;
  const features = kept.map(({ binned }) => {
    const feature = { ...binned, offset };
    offset += binned.bins + Number(binned.hasMissing);
    return feature;
  });
  const dense = kept.filter(({ column }) => !column.sparse).length;
  const codes = new Uint8Array(dense * rows);
  for (let j = 0; j < dense; j++)
    writeCodes(kept[j]!.column, features[j]!, codes.subarray(j * rows, (j + 1) * rows));
  return {
    rows,
    features,
    dense,
    totalBins: offset,
    codes,
    ...entriesByRow(
      rows,
      kept.map(({ column }) => column),
      features,
      dense,
    ),
  };
}

/** Distinct values with their weights, ascending; zeros that aren't listed among them. */
interface Runs {
  readonly values: Float64Array;
  readonly weights: Float64Array;
  readonly missing: number; // weight
}

function runsOf(column: Column, weights: Float64Array, total: number): Runs {
  const { rows, values, sparse } = column;
  const known = rows.length - column.missing;
  const runs = { values: new Float64Array(known + 1), weights: new Float64Array(known + 1) };
  let count = 0;
  const add = (value: number, weight: number): void => {
    if (count === 0 || runs.values[count - 1] !== value) runs.values[count++] = value;
    runs.weights[count - 1]! += weight;
  };
  let zeros = sparse ? total : 0;
  let missing = 0;
  for (let p = 0; p < rows.length; p++) {
    const weight = weights[rows[p]!]!;
    if (sparse) zeros -= weight;
    if (p >= known) missing += weight;
  }
  let pending = sparse && zeros > 0;
  for (let p = 0; p < known; p++) {
    if (pending && values[p]! > 0) {
      add(0, zeros);
      pending = false;
    }
    add(values[p]!, weights[rows[p]!]!);
  }
  if (pending) add(0, zeros);
  return { values: runs.values.subarray(0, count), weights: runs.weights.subarray(0, count), missing };
}

function binFeature(
  column: Column,
  weights: Float64Array,
  total: number,
  minSamplesLeaf: number,
): Omit<BinnedFeature, 'offset'> | undefined {
  const runs = runsOf(column, weights, total);
  const heaviest = runs.weights.reduce((most, weight) => Math.max(most, weight), runs.missing);
  const distinct = runs.values.length + Number(column.missing > 0);
  if (total - heaviest < minSamplesLeaf || distinct < 2) return undefined;
  const { feature, categorical } = column;
  const upper = categorical ? runs.values.slice() : cuts(runs);
  const bins = categorical ? upper.length : upper.length + 1;
  const shared = { feature, categorical, upper, bins };
  const hasMissing = column.missing > 0;
  const zeroBin = column.sparse ? binOf(shared, 0) : -1;
  return { ...shared, hasMissing, zeroBin };
}

/** Upper bounds of the bins but the last: every value its own bin, or bins of about equal weight. */
function cuts({ values, weights }: Runs): Float64Array {
  const bounds: number[] = [];
  let open = 0; // weight of the bin that is being filled
  let rest = weights.reduce((sum, weight) => sum + weight, 0);
  for (let r = 0; r + 1 < values.length; r++) {
    open += weights[r]!;
    const binsLeft = MOST_BINS - bounds.length;
    if (binsLeft <= 1) break;
    const wanted = rest / binsLeft;
    if (values.length > MOST_BINS && open < wanted && open + weights[r + 1]! / 2 < wanted) continue;
    bounds.push(middle(values[r]!, values[r + 1]!));
    rest -= open;
    open = 0;
  }
  return Float64Array.from(bounds);
}

const middle = (low: number, high: number): number => {
  const between = low / 2 + high / 2;
  return between >= high || !Number.isFinite(between) ? low : between;
};

/** Number of a value's bin. */
function binOf({ upper, bins }: Pick<BinnedFeature, 'upper' | 'bins'>, value: number): number {
  if (Number.isNaN(value)) return bins;
  let [low, high] = [0, upper.length];
  while (low < high) {
    const half = (low + high) >> 1;
    if (value <= upper[half]!) high = half;
    else low = half + 1;
  }
  return low;
}

/** Values ascend, and so do their bins. */
function writeCodes(
  { rows, values, missing }: Column,
  { upper, bins }: BinnedFeature,
  codes: Uint8Array,
): void {
  let bin = 0;
  for (let p = 0; p < rows.length - missing; p++) {
    while (bin < upper.length && values[p]! > upper[bin]!) bin++;
    codes[rows[p]!] = bin;
  }
  for (let p = rows.length - missing; p < rows.length; p++) codes[rows[p]!] = bins;
}

function entriesByRow(
  rows: number,
  columns: readonly Column[],
  features: readonly BinnedFeature[],
  dense: number,
): Pick<BinnedTable, 'indptr' | 'positions'> {
  const indptr = new Int32Array(rows + 1);
  for (const column of columns.slice(dense)) for (const row of column.rows) indptr[row + 1]!++;
  for (let row = 0; row < rows; row++) indptr[row + 1]! += indptr[row]!;
  const next = indptr.slice(0, rows);
  const positions = new Int32Array(indptr[rows]!);
  for (let j = dense; j < columns.length; j++) {
    const [column, feature] = [columns[j]!, features[j]!];
    column.rows.forEach((row, p) => {
      positions[next[row]!++] = feature.offset + binOf(feature, column.values[p]!);
    });
  }
  return { indptr, positions };
}
