import type { BinnedFeature, BinnedTable } from './bins.js';
import type { TreeMemory } from './treeMemory.js';

const MOST_HISTOGRAM_BYTES = 512 * 2 ** 20;

/** Histograms, (totalBins, 2), to take and give back. */
export interface HistogramPool {
  take(): Float64Array | undefined;
  give(histogram: Float64Array): void;
}

/** As many histograms as fit into half a gigabyte, but always three. */
export const mostHistograms = (totalBins: number, maxLeaves: number): number =>
  Math.max(3, Math.min(maxLeaves + 1, Math.floor(MOST_HISTOGRAM_BYTES / (16 * Math.max(totalBins, 1)))));

/** Histograms that are used again. */
export function histogramPool(memory: TreeMemory, totalBins: number, most: number): HistogramPool {
  const free: Float64Array[] = [];
  let made = 0;
  return {
    take() {
      if (free.length > 0 || made === most) return free.pop();
      made++;
      return memory.doubles(2 * totalBins);
    },
    give: (histogram) => void free.push(histogram),
  };
}

/** What is left of a leaf's histogram without that of a part of its rows. */
export function subtract(histogram: Float64Array, less: Float64Array): void {
  for (let i = 0; i < histogram.length; i++) histogram[i]! -= less[i]!;
}

/** Adds the pairs of rows[from … to) to the bins of their entries in sparse features. */
export function addEntries(
  histogram: Float64Array,
  { indptr, positions }: BinnedTable,
  rows: Int32Array,
  from: number,
  to: number,
  ordered: Float64Array,
): void {
  for (let p = from, i = 0; p < to; p++, i += 2) {
    const row = rows[p]!;
    for (let e = indptr[row]!; e < indptr[row + 1]!; e++) {
      const at = 2 * positions[e]!;
      histogram[at]! += ordered[i]!;
      histogram[at + 1]! += ordered[i + 1]!;
    }
  }
}

/** Rows that a sparse feature doesn't list are what its other bins leave of the leaf's sums. */
export function fillZeroBin(
  histogram: Float64Array,
  feature: BinnedFeature,
  gradient: number,
  hessian: number,
): void {
  const { offset, bins, hasMissing, zeroBin } = feature;
  const end = offset + bins + Number(hasMissing);
  for (let b = offset; b < end; b++) {
    if (b === offset + zeroBin) continue;
    gradient -= histogram[2 * b]!;
    hessian -= histogram[2 * b + 1]!;
  }
  histogram[2 * (offset + zeroBin)] = gradient;
  histogram[2 * (offset + zeroBin) + 1] = Math.max(hessian, 0);
}

/** Bin of a row in a sparse feature. */
export function sparseBin({ indptr, positions }: BinnedTable, feature: BinnedFeature, row: number): number {
  const { offset, bins, hasMissing, zeroBin } = feature;
  for (let e = indptr[row]!; e < indptr[row + 1]!; e++) {
    const bin = positions[e]! - offset;
    if (bin >= 0 && bin < bins + Number(hasMissing)) return bin;
  }
  return zeroBin;
}
