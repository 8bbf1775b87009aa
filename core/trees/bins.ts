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

interface ValueRun {
  readonly value: number;
  weight: number;
}

/** Distinct values with their weights, ascending; zeros that aren't listed among them. */
function runsOf(column: Column, weights: Float64Array, total: number): { runs: ValueRun[]; missing: number } {
  const runs: ValueRun[] = [];
  const add = (value: number, weight: number): void => {
    const last = runs.at(-1);
    if (last?.value === value) last.weight += weight;
    else runs.push({ value, weight });
  };
  const known = column.rows.length - column.missing;
  let listed = 0;
  for (let p = 0; p < column.rows.length; p++) listed += weights[column.rows[p]!]!;
  let zeros = column.sparse ? Math.max(total - listed, 0) : 0;
  for (let p = 0; p < known; p++) {
    const value = column.values[p]!;
    if (zeros > 0 && value > 0) {
      add(0, zeros);
      zeros = 0;
    }
    add(value, weights[column.rows[p]!]!);
  }
  if (zeros > 0) add(0, zeros);
  let missing = 0;
  for (let p = known; p < column.rows.length; p++) missing += weights[column.rows[p]!]!;
  return { runs, missing };
}

function binFeature(
  column: Column,
  weights: Float64Array,
  total: number,
  minSamplesLeaf: number,
): Omit<BinnedFeature, 'offset'> | undefined {
  const { runs, missing } = runsOf(column, weights, total);
  const heaviest = runs.reduce((most, { weight }) => Math.max(most, weight), missing);
  if (total - heaviest < minSamplesLeaf || runs.length + Number(missing > 0) < 2) return undefined;
  const { feature, categorical } = column;
  const upper = categorical ? Float64Array.from(runs, ({ value }) => value) : cuts(runs);
  const bins = categorical ? upper.length : upper.length + 1;
  const shared = { feature, categorical, upper, bins };
  const hasMissing = column.missing > 0;
  const zeroBin = column.sparse ? binOf(shared, 0) : -1;
  return { ...shared, hasMissing, zeroBin };
}

/** Upper bounds of the bins but the last: every value its own bin, or bins of about equal weight. */
function cuts(runs: readonly ValueRun[]): Float64Array {
  const bounds: number[] = [];
  let open = 0; // weight of the bin that is being filled
  let rest = runs.reduce((sum, { weight }) => sum + weight, 0);
  for (let r = 0; r + 1 < runs.length; r++) {
    open += runs[r]!.weight;
    const binsLeft = MOST_BINS - bounds.length;
    if (binsLeft <= 1) break;
    const wanted = rest / binsLeft;
    if (runs.length > MOST_BINS && open < wanted && open + runs[r + 1]!.weight / 2 < wanted) continue;
    bounds.push(middle(runs[r]!.value, runs[r + 1]!.value));
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

function writeCodes(column: Column, feature: BinnedFeature, codes: Uint8Array): void {
  column.rows.forEach((row, p) => (codes[row] = binOf(feature, column.values[p]!)));
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
