import { z } from 'zod';
import { cartGrower } from '../trees/cart.js';
import { columnTable, eachRow, type FeatureInput } from '../trees/columns.js';
import { bootstrapCounts } from '../trees/forest.js';
import { leafClass, type Tree } from '../trees/tree.js';
import { seeded } from '../random.js';
import { selectRows } from '../sparse.js';
import { canonicalOrder } from './canonicalOrder.js';
import type { FeatureRows, ImportanceEstimator } from './estimator.js';
import { withEvidence } from './evidence.js';
import { addLearner, emptyOutOfBag, outOfBagValues } from './outOfBag.js';

const paramsSchema = z.strictObject({
  trees: z.int().positive().default(800).describe('learners, each trained on a bootstrap of the samples'),
  maxDepth: z
    .int()
    .positive()
    .nullable()
    .default(null)
    .describe('of a tree; null: until its leaves are pure'),
  minSamplesLeaf: z.number().positive().default(1).describe('least sum of bootstrap counts in a leaf'),
  maxFeatures: z
    .number()
    .gt(0)
    .max(1)
    .default(1)
    .describe('share of the features that are tried at each split; 1: bagging, as published'),
});
type Params = z.infer<typeof paramsSchema>;

/**
 * Share of the bagged trees that never saw a sample and give it its label. Needs no validation side, and no further fit.
 *
 * @source Kwon & Zou, Data-OOB: Out-of-bag Estimate as a Simple and Efficient Data Value, ICML 2023
 */
export const dataOob: ImportanceEstimator<Params> = {
  name: 'data_oob',
  paramsSchema,
  requires: ['features'],
  usesLabelSurprise: true,
  detectsLabelErrors: true,
  unit: 'probability',
  notes: {
    formula: 'Σ_b 1[w_bi=0]·1[yᵢ = f_b(xᵢ)] / Σ_b 1[w_bi=0]',
    cost: '1 bagging fit: O(B·n·d·depth)',
    higherMeans: 'trees that never saw it predict its label',
    use: 'tabular data with a few dozen to a few hundred features, without any held-out labels',
    source: 'Kwon & Zou, ICML 2023',
  },
  estimate(evidence, params, random) {
    const { features, targets, outputs } = withEvidence(evidence, 'data_oob', ['features']);
    const order = canonicalOrder(features, targets);
    const values = baggedValues(
      rowsInOrder(features, order),
      order.map((row) => targets[row]!),
      outputs,
      params,
      random.below(2 ** 31),
    );
    const scores = new Float64Array(order.length);
    order.forEach((row, place) => (scores[row] = values[place]!));
    return scores;
  },
};

/** A row that every bootstrap drew has the mean score, of which nothing follows. */
function baggedValues(
  input: FeatureInput,
  targets: Int32Array,
  outputs: number,
  params: Params,
  seed: number,
): Float64Array {
  const n = targets.length;
  if (n === 0) return new Float64Array();
  const table = columnTable(input, Int32Array.from(targets.keys()), []);
  const grower = cartGrower(table, targets, outputs);
  const settings = {
    criterion: 'gini',
    maxDepth: params.maxDepth ?? Infinity,
    minSamplesLeaf: params.minSamplesLeaf,
    maxFeatures: Math.max(1, Math.ceil(params.maxFeatures * input.matrix.cols)),
    randomTies: true,
  } as const;
  const outOfBag = emptyOutOfBag(n);
  for (let b = 0; b < params.trees; b++) {
    const counts = bootstrapCounts(n, seed, b);
    const tree = grower.grow(counts, settings, seeded(seed, `features ${b}`));
    const right = rightGuesses(tree, input, targets, counts);
    addLearner(outOfBag, counts, (row) => right[row]!);
  }
  const values = outOfBagValues(outOfBag);
  const known = values.filter((value) => !Number.isNaN(value));
  const mean = known.length > 0 ? known.reduce((sum, value) => sum + value, 0) / known.length : 0;
  return values.map((value) => (Number.isNaN(value) ? mean : value));
}

/** 1 where the tree guesses the row's class, (n,); rows of the bootstrap aren't asked. */
function rightGuesses(
  tree: Tree,
  input: FeatureInput,
  targets: Int32Array,
  counts: Float64Array,
): Uint8Array {
  const right = new Uint8Array(targets.length);
  eachRow(input, (values, row) => {
    if (counts[row] === 0) right[row] = Number(leafClass(tree, values) === targets[row]);
  });
  return right;
}

function rowsInOrder(features: FeatureRows, order: Int32Array): FeatureInput {
  if (features.kind === 'sparse') return { kind: 'sparse', matrix: selectRows(features.matrix, order) };
  const { cols, values } = features.matrix;
  const sorted = new Float64Array(order.length * cols);
  order.forEach((row, i) => sorted.set(values.subarray(row * cols, (row + 1) * cols), i * cols));
  return { kind: 'dense', matrix: { rows: order.length, cols, values: sorted } };
}
