import type { BinnedFeature, BinnedTable } from './bins.js';
import {
  addEntries,
  fillZeroBin,
  histogramPool,
  mostHistograms,
  sparseBin,
  subtract,
  type HistogramPool,
} from './histogram.js';
import { findSplit, type HistogramSplit, type LeafSums, type SplitLimits } from './histogramSplit.js';
import { treeWriter, type Tree, type TreeWriter } from './tree.js';
import { treeMemory, type TreeMemory } from './treeMemory.js';

export interface HistogramTreeSettings extends SplitLimits {
  readonly maxLeaves: number;
  readonly maxDepth: number; // Infinity: no limit
  readonly learningRate: number;
}

/** Fits trees to gradients, over one table. */
export interface HistogramGrower {
  /**
   * Grows a tree whose leaves add −learningRate·G/(H + l2) to `output`, and adds that to the logits of its rows.
   *
   * @param derivatives (n, 2): gradient and hessian of the loss by row, weights included
   * @param logits (n, K); column `output` is changed
   */
  grow(derivatives: Float64Array, logits: Float64Array, output: number, outputs: number): Tree;
}

const CODES = 256;
const OTHER_ARRAYS = 5;

interface Leaf extends LeafSums {
  readonly from: number;
  readonly to: number;
  readonly depth: number;
  readonly node: number;
  histogram: Float64Array | undefined;
  split: HistogramSplit | undefined;
}

/**
 * Grows leaf by leaf, always the leaf whose division gains most; of two new leaves the smaller one's histogram is summed
 * over its rows, the other's is what is left of the parent's.
 *
 * @source Ke et al., LightGBM, NeurIPS 2017
 */
export function histogramGrower(
  table: BinnedTable,
  weights: Float64Array,
  settings: HistogramTreeSettings,
): HistogramGrower {
  const most = mostHistograms(table.totalBins, settings.maxLeaves);
  const n = table.rows;
  const bytes = table.codes.length + CODES + 2 * 4 * n + 2 * 8 * n + most * 16 * table.totalBins;
  const memory = treeMemory(bytes, most + OTHER_ARRAYS);
  const codes = memory.bytes(table.codes.length);
  codes.set(table.codes);
  const [rows, held] = [memory.integers(n), memory.integers(n)];
  const ordered = memory.doubles(2 * n);
  const sides = memory.bytes(CODES);
  const histograms = histogramPool(memory, table.totalBins, most);
  const shared = { table, weights, settings, histograms, memory, codes, rows, held, ordered, sides };
  return {
    grow(derivatives, logits, output, outputs) {
      for (let i = 0; i < rows.length; i++) rows[i] = i;
      const growth: Growth = { ...shared, derivatives, writer: treeWriter() };
      const leaves = growLeaves(growth);
      for (const { gradient, hessian, from, to, node, histogram } of leaves) {
        if (histogram) histograms.give(histogram);
        const value = (-settings.learningRate * gradient) / (hessian + settings.l2);
        growth.writer.leaf(node, [output], [value]);
        for (let p = from; p < to; p++) logits[rows[p]! * outputs + output]! += value;
      }
      return growth.writer.finish();
    },
  };
}

interface Growth {
  readonly table: BinnedTable;
  readonly weights: Float64Array;
  readonly settings: HistogramTreeSettings;
  readonly histograms: HistogramPool;
  readonly memory: TreeMemory;
  readonly codes: Uint8Array; // (dense, n)
  readonly sides: Uint8Array; // (256,), by bin: 1 goes left
  readonly rows: Int32Array; // (n,), by leaf
  readonly held: Int32Array;
  readonly ordered: Float64Array; // (n, 2)
  readonly derivatives: Float64Array; // (n, 2)
  readonly writer: TreeWriter;
}

function growLeaves(growth: Growth): Leaf[] {
  const { settings, writer, rows } = growth;
  const root = newLeaf(growth, 0, rows.length, 0, writer.node(-1, true));
  root.histogram = takeHistogram(growth, []);
  sumHistogram(growth, root, root.histogram);
  root.split = splitOf(growth, root);
  const leaves = [root];
  while (leaves.length < settings.maxLeaves) {
    const place = mostGain(leaves);
    if (place < 0) break;
    leaves.splice(place, 1, ...divide(growth, leaves, leaves[place]!));
  }
  return leaves;
}

function newLeaf(
  { rows, derivatives, weights }: Growth,
  from: number,
  to: number,
  depth: number,
  node: number,
): Leaf {
  let [gradient, hessian, weight] = [0, 0, 0];
  for (let p = from; p < to; p++) {
    const row = rows[p]!;
    gradient += derivatives[2 * row]!;
    hessian += derivatives[2 * row + 1]!;
    weight += weights[row]!;
  }
  return { from, to, depth, node, gradient, hessian, weight, histogram: undefined, split: undefined };
}

function mostGain(leaves: readonly Leaf[]): number {
  let best = -1;
  leaves.forEach(({ split }, i) => {
    if (split && (best < 0 || split.gain > leaves[best]!.split!.gain)) best = i;
  });
  return best;
}

function splitOf({ table, settings }: Growth, leaf: Leaf): HistogramSplit | undefined {
  if (leaf.depth >= settings.maxDepth || !leaf.histogram) return undefined;
  return findSplit(table, leaf.histogram, leaf, settings);
}

function divide(growth: Growth, leaves: readonly Leaf[], leaf: Leaf): [Leaf, Leaf] {
  const { table, writer } = growth;
  const split = leaf.split!;
  const feature = table.features[split.feature]!;
  const threshold = feature.upper[split.bin] ?? Infinity; // after the last bin: all that isn't missing
  writer.divide(leaf.node, {
    feature: feature.feature,
    threshold: feature.categorical ? 0 : threshold,
    missingLeft: split.missingLeft,
    ...(feature.categorical ? { categories: split.leftBins.map((b) => feature.upper[b]!) } : {}),
  });
  const middle = partition(growth, leaf, split, feature);
  const left = newLeaf(growth, leaf.from, middle, leaf.depth + 1, writer.node(leaf.node, true));
  const right = newLeaf(growth, middle, leaf.to, leaf.depth + 1, writer.node(leaf.node, false));
  giveHistograms(growth, leaves, leaf, left, right);
  return [left, right];
}

/** Sums the smaller side's histogram; the parent's, where it is still there, becomes that of the other side. */
function giveHistograms(
  growth: Growth,
  leaves: readonly Leaf[],
  parent: Leaf,
  left: Leaf,
  right: Leaf,
): void {
  const [small, large] = left.to - left.from <= right.to - right.from ? [left, right] : [right, left];
  const { histogram } = parent;
  parent.histogram = undefined;
  large.histogram = histogram ?? takeHistogram(growth, [...leaves, left, right]);
  small.histogram = takeHistogram(growth, [...leaves, large]);
  sumHistogram(growth, small, small.histogram);
  if (histogram) subtract(large.histogram, small.histogram);
  else sumHistogram(growth, large, large.histogram);
  for (const leaf of [left, right]) {
    leaf.split = splitOf(growth, leaf);
    if (leaf.split) continue;
    growth.histograms.give(leaf.histogram!);
    leaf.histogram = undefined;
  }
}

/** A histogram from the pool, or that of the leaf that will most likely never be divided. */
function takeHistogram({ histograms }: Growth, leaves: readonly Leaf[]): Float64Array {
  const free = histograms.take();
  if (free) return free;
  const [poorest] = leaves
    .filter(({ histogram, split }) => histogram && split)
    .toSorted((a, b) => a.split!.gain - b.split!.gain);
  const taken = poorest!.histogram!;
  poorest!.histogram = undefined;
  return taken;
}

function sumHistogram(growth: Growth, { from, to, gradient, hessian }: Leaf, histogram: Float64Array): void {
  const { table, memory, codes, rows, ordered, derivatives } = growth;
  histogram.fill(0);
  for (let p = from; p < to; p++) {
    const row = rows[p]!;
    ordered[2 * (p - from)] = derivatives[2 * row]!;
    ordered[2 * (p - from) + 1] = derivatives[2 * row + 1]!;
  }
  for (let j = 0; j < table.dense; j++) {
    const { offset } = table.features[j]!;
    memory.addColumn(histogram, offset, codes, j * table.rows, rows, from, to, ordered);
  }
  if (table.dense === table.features.length) return;
  addEntries(histogram, table, rows, from, to, ordered);
  for (let j = table.dense; j < table.features.length; j++) {
    fillZeroBin(histogram, table.features[j]!, gradient, hessian);
  }
}

/** Brings the rows that go left to the front, in order. Returns where the right side begins. */
function partition(
  { table, memory, codes, sides, rows, held }: Growth,
  { from, to }: Leaf,
  split: HistogramSplit,
  feature: BinnedFeature,
): number {
  sides.fill(0);
  if (feature.categorical) for (const bin of split.leftBins) sides[bin] = 1;
  else sides.fill(1, 0, split.bin + 1);
  if (feature.hasMissing) sides[feature.bins] = Number(split.missingLeft);
  if (split.feature < table.dense) {
    return memory.partition(rows, from, to, codes, split.feature * table.rows, sides, held);
  }
  let left = from;
  let right = 0;
  for (let p = from; p < to; p++) {
    const row = rows[p]!;
    const side = sides[sparseBin(table, feature, row)]!;
    rows[left] = row;
    held[right] = row;
    left += side;
    right += 1 - side;
  }
  rows.set(held.subarray(0, right), left);
  return left;
}
