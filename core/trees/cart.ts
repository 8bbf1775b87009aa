import type { Random } from '../random.js';
import {
  listsOf,
  markSides,
  nodeColumns,
  partition,
  partitionSparse,
  prepare,
  setRange,
  type Lists,
  type Prepared,
} from './cartLists.js';
import { searchColumn, type BestSplit, type Criterion, type NodeColumn, type Sweep } from './cartSplit.js';
import type { ColumnTable } from './columns.js';
import { treeWriter, type Tree, type TreeWriter } from './tree.js';

/** How a tree grows; scikit-learn's names. */
export interface CartSettings {
  readonly criterion: Criterion;
  readonly maxDepth: number; // Infinity: no limit
  readonly minSamplesLeaf: number; // least sum of weights in a leaf
  readonly maxFeatures: number; // drawn at each node; d or more: all
  /** Of features that divide equally well, take any; else the first. Makes the trees of a bag differ more. */
  readonly randomTies: boolean;
}

/** Grows trees over one table, with other weights each time. */
export interface CartGrower {
  /** @param weights (n,), 0: the row is absent */
  grow(weights: Float64Array, settings: CartSettings, random: Random): Tree;
}

const PURE = 1e-12; // share of a node's weight that other classes may have

/** A node that waits: its rows, and by sparse column the range of those that have a value there. */
interface Pending {
  readonly from: number;
  readonly to: number;
  readonly sparse: Int32Array; // (column, from, to) …
  readonly counts: Float64Array; // (K,)
  readonly depth: number;
  readonly parent: number;
  readonly isLeft: boolean;
}

interface Growth {
  readonly table: Prepared;
  readonly lists: Lists;
  readonly columns: readonly NodeColumn[]; // dense, then sparse
  readonly settings: CartSettings;
  readonly sweep: Sweep;
  readonly writer: TreeWriter;
  readonly random: Random;
}

/**
 * A grower of classification trees by exact greedy search: every cut between two neighbouring values is tried, every
 * column sorted only once for all trees.
 *
 * @source Breiman, Friedman, Olshen & Stone, Classification and Regression Trees, 1984
 */
export function cartGrower(table: ColumnTable, targets: Int32Array, outputs: number): CartGrower {
  const prepared = prepare(table);
  return {
    grow(weights, settings, random) {
      const lists = listsOf(prepared, weights);
      const rows = lists.stride;
      const counts = new Float64Array(outputs);
      for (let i = 0; i < rows; i++) counts[targets[lists.dense[i]!]!]! += weights[lists.dense[i]!]!;
      const growth: Growth = {
        table: prepared,
        lists,
        columns: nodeColumns(prepared, lists),
        settings,
        sweep: {
          criterion: settings.criterion,
          minLeaf: settings.minSamplesLeaf,
          classOf: targets,
          weightOf: weights,
          rows,
          total: new Float64Array(outputs),
          left: new Float64Array(outputs),
          block: new Float64Array(outputs),
          best: newBest(),
        },
        writer: treeWriter(),
        random,
      };
      const sparse = Int32Array.from(
        lists.sparse.flatMap((list, j) => (list.length > 0 ? [j, 0, list.length] : [])),
      );
      growAll(growth, { from: 0, to: rows, sparse, counts, depth: 0, parent: -1, isLeft: false });
      return growth.writer.finish();
    },
  };
}

const newBest = (): BestSplit => ({
  gain: -Infinity,
  feature: -1,
  threshold: 0,
  missingLeft: false,
  categories: undefined,
});

/** Depth first, left before right. */
function growAll(growth: Growth, root: Pending): void {
  const stack = [root];
  for (let node = stack.pop(); node; node = stack.pop()) {
    const id = growth.writer.node(node.parent, node.isLeft);
    if (isDone(growth, node) || !search(growth, node)) writeLeaf(growth.writer, id, node.counts);
    else stack.push(...divide(growth, node, id));
  }
}

function isDone({ settings }: Growth, { counts, depth }: Pending): boolean {
  if (depth >= settings.maxDepth) return true;
  let [sum, most] = [0, 0];
  for (let k = 0; k < counts.length; k++) {
    sum += counts[k]!;
    most = Math.max(most, counts[k]!);
  }
  return sum - most <= PURE * sum || sum < 2 * settings.minSamplesLeaf;
}

function writeLeaf(writer: TreeWriter, id: number, counts: Float64Array): void {
  let sum = 0;
  for (let k = 0; k < counts.length; k++) sum += counts[k]!;
  const present = [...counts.keys()].filter((k) => counts[k]! > PURE * sum);
  writer.leaf(
    id,
    present,
    present.map((k) => counts[k]! / sum),
  );
}

/** Looks for the best division of a node among the columns that are drawn. False: there is none. */
function search(growth: Growth, node: Pending): boolean {
  const { table, settings, sweep, random } = growth;
  Object.assign(sweep.best, newBest());
  sweep.total.set(node.counts);
  sweep.rows = node.to - node.from;
  const candidates = table.dense.length + node.sparse.length / 3;
  const order = drawn(candidates, settings, table.features, random);
  for (let i = 0; i < order.length; i++) {
    // A node whose drawn columns are all constant looks at the next one, as scikit-learn's does.
    if (i >= order.wanted && sweep.best.gain > -Infinity) break;
    searchColumn(sweep, nodeColumn(growth, node, order.at(i)));
  }
  return sweep.best.gain > -Infinity;
}

/** Which of a node's columns to try, in which order. */
interface Draw {
  readonly length: number;
  readonly wanted: number;
  at(i: number): number;
}

function drawn(
  candidates: number,
  { maxFeatures, randomTies }: CartSettings,
  features: number,
  random: Random,
): Draw {
  if (maxFeatures >= features) {
    const start = randomTies ? random.below(candidates) : 0;
    return { length: candidates, wanted: candidates, at: (i) => (start + i) % candidates };
  }
  const pool = Int32Array.from({ length: candidates }, (_, i) => i);
  // Columns without a value in this node are drawn as often as others, in expectation, and found constant.
  const wanted = Math.max(1, Math.round((maxFeatures * candidates) / features));
  return {
    length: candidates,
    wanted,
    at(i) {
      const j = i + random.below(candidates - i);
      [pool[i], pool[j]] = [pool[j]!, pool[i]!];
      return pool[i]!;
    },
  };
}

/** The candidate's column, told the node's range; the same object each time. */
function nodeColumn({ table, lists, columns }: Growth, node: Pending, candidate: number): NodeColumn {
  if (candidate < table.dense.length) {
    const column = columns[candidate]!;
    const offset = (1 + candidate) * lists.stride;
    setRange(column, offset + node.from, offset + node.to);
    return column;
  }
  const t = 3 * (candidate - table.dense.length);
  const column = columns[table.dense.length + node.sparse[t]!]!;
  setRange(column, node.sparse[t + 1]!, node.sparse[t + 2]!);
  return column;
}

/** Divides a node's lists by the best split; returns right and left, in the order of a stack. */
function divide(growth: Growth, node: Pending, id: number): [Pending, Pending] {
  const { table, lists, sweep, writer } = growth;
  const { feature, threshold, missingLeft, categories } = sweep.best;
  writer.divide(id, { feature, threshold, missingLeft, ...(categories ? { categories } : {}) });
  markSides(table, lists.dense, node.from, node.to, sweep.best);
  const middle = partition(table, lists.dense, table.identity, node.from, node.to);
  const counts = new Float64Array(node.counts.length); // of the left side
  for (let p = node.from; p < middle; p++)
    counts[sweep.classOf[lists.dense[p]!]!]! += sweep.weightOf[lists.dense[p]!]!;
  const shared = { depth: node.depth + 1, parent: id };
  const none = new Int32Array();
  const rest = node.counts.map((count, k) => Math.max(count - counts[k]!, 0));
  const left: Pending = { ...shared, from: node.from, to: middle, sparse: none, counts, isLeft: true };
  const right: Pending = { ...shared, from: middle, to: node.to, sparse: none, counts: rest, isLeft: false };
  if (isDone(growth, left) && isDone(growth, right)) return [right, left];
  for (let j = 1; j <= table.dense.length; j++) {
    const offset = j * lists.stride;
    partition(table, lists.dense, table.identity, offset + node.from, offset + node.to);
  }
  const ranges = partitionSparse(table, lists, node.sparse);
  return [
    { ...right, sparse: ranges.right },
    { ...left, sparse: ranges.left },
  ];
}
