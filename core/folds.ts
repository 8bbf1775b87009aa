import { DataError } from '../contracts/errors.js';
import { seeded } from './random.js';

/** What is cut into folds. `targets` and `groups` span all samples; only `rows` are assigned. */
export interface FoldsInput {
  readonly rows: Int32Array;
  readonly targets: Int32Array; // class codes; −1 = none
  readonly groups: Int32Array;
  readonly folds: number;
  readonly seed: number;
  /** Names for messages. */
  readonly classes?: readonly string[];
  /** `allow`: a fold may train without a class; the default is an error that names the class. */
  readonly missingClass?: 'error' | 'allow';
}

interface Group {
  readonly members: number[]; // positions in rows
  readonly counts: Map<number, number>; // class -> rows
}

/**
 * Fold of each given row: groups stay whole, class shares and sizes are balanced greedily (largest groups first).
 * A class with fewer rows than folds is spread over as many folds as it has groups.
 *
 * @returns (rows.length,), values in [0, folds)
 * @throws DataError when there are fewer groups than folds, or a fold's training side would lack a class
 */
export function groupedStratifiedFolds(input: FoldsInput): Int32Array {
  const { rows, targets, folds, seed } = input;
  const random = seeded(seed, 'folds');
  const groups = collectGroups(input);
  checkFoldCount(folds, rows.length, groups.length);
  const order = random.shuffle(Int32Array.from(groups.keys()));
  const largestFirst = [...order].sort((a, b) => groups[b]!.members.length - groups[a]!.members.length);
  const tieOrder = random.shuffle(Int32Array.from({ length: folds }, (_, fold) => fold));
  const result = new Int32Array(rows.length);
  const load = createLoad(rows, targets, folds);
  for (const index of largestFirst) {
    const group = groups[index]!;
    const fold = load.cheapest(group, tieOrder);
    load.add(group, fold);
    for (const member of group.members) result[member] = fold;
  }
  if (input.missingClass !== 'allow') checkTrainingSides(input, result, groups);
  return result;
}

function collectGroups({ rows, targets, groups }: FoldsInput): Group[] {
  const byId = new Map<number, Group>();
  rows.forEach((row, position) => {
    const id = groups[row]!;
    let group = byId.get(id);
    if (group === undefined) byId.set(id, (group = { members: [], counts: new Map() }));
    group.members.push(position);
    const target = targets[row]!;
    group.counts.set(target, (group.counts.get(target) ?? 0) + 1);
  });
  return [...byId.values()];
}

function checkFoldCount(folds: number, rows: number, groups: number): void {
  if (!Number.isInteger(folds) || folds < 2) {
    throw new DataError(`folds: expected an integer of at least 2, got ${folds}`);
  }
  if (groups < folds) {
    throw new DataError(
      `folds: ${folds} folds need at least ${folds} independent groups of samples, found ${groups} ` +
        `(${rows} rows; near-duplicates and rows of one group stay together): ask for fewer folds or add data`,
    );
  }
}

/** Sizes so far. The cost of a placement is what it adds to Σ n² / N over classes, plus the same over sizes. */
function createLoad(rows: Int32Array, targets: Int32Array, folds: number) {
  const totals = new Map<number, number>();
  for (const row of rows) totals.set(targets[row]!, (totals.get(targets[row]!) ?? 0) + 1);
  const perClass = Array.from({ length: folds }, () => new Map<number, number>());
  const sizes = new Float64Array(folds);
  const cost = (group: Group, fold: number): number => {
    const size = group.members.length;
    let sum = (size * (size + 2 * sizes[fold]!)) / rows.length;
    for (const [target, count] of group.counts) {
      const already = perClass[fold]!.get(target) ?? 0;
      sum += (count * (count + 2 * already)) / totals.get(target)!;
    }
    return sum;
  };
  return {
    cheapest(group: Group, tieOrder: Int32Array): number {
      let best = tieOrder[0]!;
      let lowest = Infinity;
      for (const fold of tieOrder) {
        const found = cost(group, fold);
        if (found < lowest - 1e-12) {
          lowest = found;
          best = fold;
        }
      }
      return best;
    },
    add(group: Group, fold: number): void {
      sizes[fold]! += group.members.length;
      for (const [target, count] of group.counts) {
        perClass[fold]!.set(target, (perClass[fold]!.get(target) ?? 0) + count);
      }
    },
  };
}

/** A class whose rows are all held out together would be unknown to the model that judges them. */
function checkTrainingSides(input: FoldsInput, folds: Int32Array, groups: readonly Group[]): void {
  const { rows, targets, classes } = input;
  const firstFold = new Map<number, number>();
  const spread = new Set<number>();
  rows.forEach((row, position) => {
    const target = targets[row]!;
    const fold = folds[position]!;
    if (!firstFold.has(target)) firstFold.set(target, fold);
    else if (firstFold.get(target) !== fold) spread.add(target);
  });
  for (const [target, fold] of firstFold) {
    if (spread.has(target) || target < 0) continue;
    const holding = groups.filter((group) => group.counts.has(target));
    const members = holding.reduce((sum, group) => sum + group.counts.get(target)!, 0);
    throw new DataError(
      `folds: the class ${JSON.stringify(classes?.[target] ?? target)} has ${members} row(s) in ` +
        `${holding.length} independent group(s), all held out by fold ${fold}, so nothing is left to train it on: ` +
        'a class needs rows in at least two groups per fold side (three for nested choice); ' +
        'add rows, merge the class with another, or drop it with clean.irrelevant',
    );
  }
}

/**
 * Joins two partitions of the same rows: rows that share a value of `a` or of `b`, directly or through others, get
 * one number. Numbers are dense, in order of first appearance.
 */
export function unionGroups(a: Int32Array, b: Int32Array): Int32Array {
  if (a.length !== b.length) throw new RangeError(`unionGroups: ${a.length} rows against ${b.length}`);
  const sets = createDisjointSets(a.length);
  for (const values of [a, b]) {
    const firstRow = new Int32Array(values.reduce((most, value) => Math.max(most, value), 0) + 1).fill(-1);
    values.forEach((value, row) => {
      const first = firstRow[value]!;
      if (first < 0) firstRow[value] = row;
      else sets.union(first, row);
    });
  }
  return sets.labels();
}

/** Disjoint sets of 0 … n−1; the root of a set is its smallest member. */
export function createDisjointSets(n: number) {
  const parent = Int32Array.from({ length: n }, (_, i) => i);
  const find = (i: number): number => {
    while (parent[i] !== i) {
      parent[i] = parent[parent[i]!]!;
      i = parent[i]!;
    }
    return i;
  };
  return {
    find,
    union(i: number, j: number): void {
      const rootI = find(i);
      const rootJ = find(j);
      if (rootI < rootJ) parent[rootJ] = rootI;
      else parent[rootI] = rootJ;
    },
    /** Dense numbers of the sets, in order of first appearance. */
    labels(): Int32Array {
      const labelOfRoot = new Int32Array(n);
      const result = new Int32Array(n);
      let next = 0;
      for (let i = 0; i < n; i++) {
        const root = find(i);
        if (root === i) labelOfRoot[i] = next++;
        result[i] = labelOfRoot[root]!;
      }
      return result;
    },
  };
}
