import { binColumns } from './bins.js';
import { columnTable, eachRow, type FeatureInput } from './columns.js';
import type { PresentRows } from './classes.js';
import { repeated } from './ensemble.js';
import { histogramGrower } from './histogramTree.js';
import { addLeaf, type Tree } from './tree.js';

export interface BoostingSettings {
  readonly learningRate: number;
  readonly maxLeaves: number;
  readonly maxDepth: number;
  readonly minSamplesLeaf: number;
  readonly l2: number;
  readonly categorical: readonly number[];
}

/** Boosting between two iterations. */
export interface Boosting {
  /** Logits before the first tree, (K,): the classes' log-shares. */
  readonly baseline: Float64Array;
  /** Adds one iteration's trees: one a class, or one for two classes. None where there is nothing to tell apart. */
  iterate(): Tree[];
}

/** What a fit goes on from. */
export interface EarlierTrees {
  readonly trees: readonly Tree[];
  /** Logits before the first of them, where they were grown on other rows. @default those of these rows */
  readonly baseline?: Float64Array;
}

/** Logit of a class that training never saw, as in the linear model: its probability is about e⁻³⁰. */
const ABSENT = -30;
export const MIN_HESSIAN = 1e-3;
const LEAST_DERIVATIVE = 1e-16;

/**
 * Gradient boosting of the softmax loss (the logistic one for two classes) by trees over binned features; weights of 2
 * mean "twice".
 *
 * @param earlier fit that goes on
 * @source Friedman, Greedy Function Approximation, 2001; Ke et al., LightGBM, NeurIPS 2017
 */
export function boosting(
  input: FeatureInput,
  present: PresentRows,
  settings: BoostingSettings,
  earlier: EarlierTrees = { trees: [] },
): Boosting {
  const { rows, targets, weights, classWeights } = present;
  const K = classWeights.length;
  const classes = [...classWeights.keys()].filter((k) => classWeights[k]! > 0);
  const fitted = classes.length === 2 ? classes.slice(1) : classes.length > 2 ? classes : [];
  const baseline = earlier.baseline ?? priorLogits(classWeights, classes);
  if (fitted.length === 0) return { baseline, iterate: () => [] };
  const table = binColumns(columnTable(input, rows, settings.categorical), weights, settings.minSamplesLeaf);
  const limits = { ...settings, minHessian: MIN_HESSIAN };
  const grower = histogramGrower(table, weights, limits);
  const logits = continued(input, rows, baseline, earlier.trees); // (n, K)
  const derivatives = fitted.map(() => new Float64Array(2 * rows.length));
  return {
    baseline,
    iterate() {
      differentiate(logits, targets, weights, classes, fitted, derivatives, K);
      return fitted.map((k, i) => grower.grow(derivatives[i]!, logits, k, K));
    },
  };
}

/** Log-shares; of two classes, the first one's logit is 0. */
function priorLogits(classWeights: Float64Array, classes: readonly number[]): Float64Array {
  const total = classWeights.reduce((sum, weight) => sum + weight, 0);
  const zero = classes.length === 2 ? Math.log(classWeights[classes[0]!]! / total) : 0;
  return classWeights.map((weight) => (weight > 0 ? Math.log(weight / total) - zero : ABSENT));
}

/** Logits of the chosen rows after the earlier trees. */
export function continued(
  input: FeatureInput,
  chosen: Int32Array,
  baseline: Float64Array,
  earlier: readonly Tree[],
): Float64Array {
  const logits = repeated(baseline, chosen.length);
  if (earlier.length === 0) return logits;
  let place = 0;
  eachRow(input, (values, row) => {
    if (chosen[place] !== row) return;
    for (const tree of earlier) addLeaf(tree, values, logits, place * baseline.length);
    place++;
  });
  return logits;
}

/** Gradient w(p − 1[y = k]) and hessian w·p(1 − p) by row, for each class that is fitted. */
function differentiate(
  logits: Float64Array,
  targets: Int32Array,
  weights: Float64Array,
  classes: readonly number[],
  fitted: readonly number[],
  derivatives: readonly Float64Array[],
  outputs: number,
): void {
  const shares = new Float64Array(outputs);
  for (let i = 0; i < targets.length; i++) {
    const at = i * outputs;
    let highest = -Infinity;
    for (const k of classes) highest = Math.max(highest, logits[at + k]!);
    let sum = 0;
    for (const k of classes) sum += shares[k] = Math.exp(logits[at + k]! - highest);
    for (let f = 0; f < fitted.length; f++) {
      const k = fitted[f]!;
      const p = shares[k]! / sum;
      const own = derivatives[f]!;
      own[2 * i] = weights[i]! * (targets[i] === k ? p - 1 : p);
      own[2 * i + 1] = weights[i]! * Math.max(p * (1 - p), LEAST_DERIVATIVE);
    }
  }
}
