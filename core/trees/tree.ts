import { MOST_CATEGORIES } from './columns.js';

/** Words of 32 bits that a set of categories takes. */
const SET_WORDS = Math.ceil(MOST_CATEGORIES / 32);

const MISSING_LEFT = 1;
const CATEGORICAL = 2;
const LEAF = -1;

/** A decision tree; node 0 is the root. */
export interface Tree {
  readonly feature: Int32Array; // (nodes,), −1 in a leaf
  readonly threshold: Float64Array; // (nodes,), what is ≤ goes left; of a categorical split, the number of its set
  readonly left: Int32Array; // (nodes,), a node; in a leaf the first of its values
  readonly right: Int32Array; // (nodes,), a node; in a leaf the end of its values
  readonly flags: Int32Array; // (nodes,), 1: missing values go left, 2: the split is by category
  readonly leafOutput: Int32Array; // outputs that the leaves add to
  readonly leafValue: Float64Array; // what they add
  readonly sets: Int32Array; // 8 words a set: the categories that go left
}

/** How a node divides its rows. */
export interface Division {
  readonly feature: number;
  readonly threshold: number;
  readonly missingLeft: boolean;
  readonly categories?: readonly number[]; // that go left, where the feature is categorical
}

/** A tree in the making. */
export interface TreeWriter {
  /** Adds a node below `parent` (−1: the root) and returns its number; it is a leaf of nothing until it is told. */
  node(parent: number, isLeft: boolean): number;
  divide(node: number, division: Division): void;
  leaf(node: number, outputs: ArrayLike<number>, values: ArrayLike<number>): void;
  finish(): Tree;
}

export function treeWriter(): TreeWriter {
  const feature: number[] = [];
  const threshold: number[] = [];
  const left: number[] = [];
  const right: number[] = [];
  const flags: number[] = [];
  const leafOutput: number[] = [];
  const leafValue: number[] = [];
  const sets: number[] = [];
  return {
    node(parent, isLeft) {
      const node = feature.push(LEAF) - 1;
      for (const column of [threshold, left, right, flags]) column.push(0);
      if (parent >= 0) (isLeft ? left : right)[parent] = node;
      return node;
    },
    divide(node, division) {
      feature[node] = division.feature;
      threshold[node] = division.threshold;
      flags[node] = division.missingLeft ? MISSING_LEFT : 0;
      if (!division.categories) return;
      flags[node]! |= CATEGORICAL;
      threshold[node] = sets.length / SET_WORDS;
      sets.push(...setOf(division.categories));
    },
    leaf(node, outputs, values) {
      left[node] = leafOutput.length;
      for (let i = 0; i < outputs.length; i++) {
        leafOutput.push(outputs[i]!);
        leafValue.push(values[i]!);
      }
      right[node] = leafOutput.length;
    },
    finish: () => ({
      feature: Int32Array.from(feature),
      threshold: Float64Array.from(threshold),
      left: Int32Array.from(left),
      right: Int32Array.from(right),
      flags: Int32Array.from(flags),
      leafOutput: Int32Array.from(leafOutput),
      leafValue: Float64Array.from(leafValue),
      sets: Int32Array.from(sets),
    }),
  };
}

function setOf(categories: readonly number[]): Int32Array {
  const words = new Int32Array(SET_WORDS);
  for (const code of categories) words[code >> 5]! |= 1 << (code & 31);
  return words;
}

/** The leaf that a row falls into: its node. A category that no set names goes right. */
export function leafOf(tree: Tree, values: Float64Array): number {
  const { feature, threshold, left, right, flags, sets } = tree;
  let node = 0;
  for (let split = feature[0]!; split !== LEAF; split = feature[node]!) {
    const value = values[split]!;
    const flag = flags[node]!;
    let goesLeft: boolean;
    if (value !== value) goesLeft = (flag & MISSING_LEFT) !== 0;
    else if ((flag & CATEGORICAL) === 0) goesLeft = value <= threshold[node]!;
    else goesLeft = inSet(sets, threshold[node]!, value);
    node = goesLeft ? left[node]! : right[node]!;
  }
  return node;
}

function inSet(sets: Int32Array, set: number, value: number): boolean {
  if (!(value >= 0 && value < MOST_CATEGORIES)) return false;
  return ((sets[set * SET_WORDS + (value >> 5)]! >>> (value & 31)) & 1) === 1;
}

/** Adds what the row's leaf says to `sums`, from `at` on. */
export function addLeaf(tree: Tree, values: Float64Array, sums: Float64Array, at: number): void {
  const leaf = leafOf(tree, values);
  for (let p = tree.left[leaf]!; p < tree.right[leaf]!; p++) {
    sums[at + tree.leafOutput[p]!]! += tree.leafValue[p]!;
  }
}

/** Output with the most in the row's leaf; the first of equals. */
export function leafClass(tree: Tree, values: Float64Array): number {
  const leaf = leafOf(tree, values);
  let best = tree.left[leaf]!;
  for (let p = best + 1; p < tree.right[leaf]!; p++) if (tree.leafValue[p]! > tree.leafValue[best]!) best = p;
  return tree.leafOutput[best]!;
}
