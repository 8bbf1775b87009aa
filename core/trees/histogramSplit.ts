import type { BinnedFeature, BinnedTable } from './bins.js';

/** Sums over the rows of a leaf. */
export interface LeafSums {
  readonly gradient: number;
  readonly hessian: number;
  readonly weight: number;
}

/** What a side of a split must have. */
export interface SplitLimits {
  readonly l2: number;
  readonly minSamplesLeaf: number; // sum of weights, estimated from the hessian's share
  readonly minHessian: number;
}

/** The best division of a leaf. */
export interface HistogramSplit {
  readonly gain: number;
  readonly feature: number; // place in the binned table
  readonly bin: number; // the last bin that goes left; of a categorical feature −1
  readonly leftBins: readonly number[]; // of a categorical feature
  readonly missingLeft: boolean;
}

const CATEGORY_SMOOTHING = 10; // added to a category's hessian where categories are ordered, as scikit-learn does
const LEAST_GAIN = 1e-10;

/** Where the search of one leaf stands. */
interface Search {
  readonly histogram: Float64Array;
  readonly sums: LeafSums;
  readonly l2: number;
  readonly least: number; // hessian of a side
  gain: number;
  feature: number;
  bin: number;
  leftBins: readonly number[];
  missingLeft: boolean;
}

/**
 * The division of a leaf that lowers the loss most, to second order.
 *
 * @param histogram (totalBins, 2): gradient and hessian by bin
 * @returns undefined where none lowers it
 * @source Chen & Guestrin, XGBoost, KDD 2016, eq. 7; Ke et al., LightGBM, NeurIPS 2017
 */
export function findSplit(
  { features }: BinnedTable,
  histogram: Float64Array,
  sums: LeafSums,
  { l2, minSamplesLeaf, minHessian }: SplitLimits,
): HistogramSplit | undefined {
  const least = Math.max(minHessian, (minSamplesLeaf * sums.hessian * (1 - 1e-9)) / sums.weight);
  if (sums.hessian < 2 * least) return undefined;
  const before = sums.gradient ** 2 / (sums.hessian + l2);
  const search: Search = {
    histogram,
    sums,
    l2,
    least,
    gain: before + LEAST_GAIN,
    feature: -1,
    bin: -1,
    leftBins: [],
    missingLeft: false,
  };
  for (let f = 0; f < features.length; f++) {
    const feature = features[f]!;
    if (feature.categorical) searchCategories(search, feature, f);
    else {
      searchBins(search, feature, f, false);
      if (feature.hasMissing) searchBins(search, feature, f, true);
    }
  }
  if (search.feature < 0) return undefined;
  const { feature, bin, leftBins, missingLeft, gain } = search;
  return { gain: gain - before, feature, bin, leftBins, missingLeft };
}

/** The loop that takes the time of small leaves. */
function searchBins(
  search: Search,
  { offset, bins, hasMissing }: BinnedFeature,
  f: number,
  missingLeft: boolean,
): void {
  const { histogram, sums, l2, least } = search;
  const { gradient, hessian } = sums;
  const missing = 2 * (offset + bins);
  let leftGradient = missingLeft ? histogram[missing]! : 0;
  let leftHessian = missingLeft ? histogram[missing + 1]! : 0;
  let best = search.gain;
  let bestBin = -1;
  let leftAtBest = 0;
  const last = hasMissing && !missingLeft ? bins : bins - 1; // all known values against the missing ones
  for (let b = 0; b < last; b++) {
    const at = 2 * (offset + b);
    leftGradient += histogram[at]!;
    leftHessian += histogram[at + 1]!;
    if (leftHessian < least) continue;
    const rightHessian = hessian - leftHessian;
    if (rightHessian < least) break;
    const rightGradient = gradient - leftGradient;
    const [l, r] = [leftHessian + l2, rightHessian + l2];
    const gain = (leftGradient * leftGradient * r + rightGradient * rightGradient * l) / (l * r);
    if (gain > best) {
      best = gain;
      bestBin = b;
      leftAtBest = leftHessian;
    }
  }
  if (bestBin < 0) return;
  search.gain = best;
  search.feature = f;
  search.bin = bestBin;
  search.leftBins = [];
  search.missingLeft = hasMissing ? missingLeft : 2 * leftAtBest > hessian;
}

/**
 * Orders the categories by gradient over smoothed hessian, and cuts that order.
 *
 * @source Fisher, On Grouping for Maximum Homogeneity, 1958
 */
function searchCategories(search: Search, feature: BinnedFeature, f: number): void {
  const { histogram, sums, l2, least } = search;
  const { offset, bins, hasMissing } = feature;
  const key = (b: number): number =>
    histogram[2 * (offset + b)]! / (histogram[2 * (offset + b) + 1]! + CATEGORY_SMOOTHING);
  const present = Array.from({ length: bins }, (_, b) => b).filter(
    (b) => histogram[2 * (offset + b) + 1]! > 1e-12,
  );
  present.sort((a, b) => key(a) - key(b) || a - b);
  const missing = 2 * (offset + bins);
  for (const missingLeft of hasMissing ? [false, true] : [false]) {
    let leftGradient = missingLeft ? histogram[missing]! : 0;
    let leftHessian = missingLeft ? histogram[missing + 1]! : 0;
    const last = hasMissing && !missingLeft ? present.length : present.length - 1;
    for (let i = 0; i < last; i++) {
      leftGradient += histogram[2 * (offset + present[i]!)]!;
      leftHessian += histogram[2 * (offset + present[i]!) + 1]!;
      const rightHessian = sums.hessian - leftHessian;
      if (leftHessian < least || rightHessian < least) continue;
      const rightGradient = sums.gradient - leftGradient;
      const gain = leftGradient ** 2 / (leftHessian + l2) + rightGradient ** 2 / (rightHessian + l2);
      if (!(gain > search.gain)) continue;
      search.gain = gain;
      search.feature = f;
      search.bin = -1;
      search.leftBins = present.slice(0, i + 1);
      search.missingLeft = hasMissing ? missingLeft : 2 * leftHessian > sums.hessian;
    }
  }
}
