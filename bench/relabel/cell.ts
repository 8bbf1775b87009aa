import { createRefit } from '../../activities/refit.js';
import type { Evidence } from '../../core/importance/estimator.js';
import type { Tensor } from '../../contracts/matrix.js';
import { innerFolds, knownRows } from '../../core/choice/division.js';
import { outOfFoldEvidence, type FitPath } from '../../core/choice/outOfFold.js';
import { putRight, reviewOrder } from '../../core/relabel/reviewOrder.js';
import { selectRows } from '../../core/sparse.js';
import { classification } from '../../core/tasks/classification.js';
import { linear } from '../../models/linear.js';
import { STRENGTHS } from '../recovery/cell.js';
import { makeWorld, type World } from '../recovery/world.js';

export const BUDGETS = [0.05, 0.1, 0.2, 0.3];
export const ORDERS = [
  'self_confidence',
  'noise_posterior',
  'pvi',
  'self_confidence, in two goes',
  'random',
  'oracle',
] as const;
const INNER_FOLDS = 5;

/** Test accuracies (shares) of one set and seed; every arm's strength is tuned by validation as it was given. */
export interface RelabelCell {
  readonly set: string;
  readonly rate: number;
  readonly seed: number;
  readonly fixed: number; // noisy labels, the baselines' strength
  readonly noisy: number;
  readonly clean: number; // training and validation labels true
  /** For each order, at each of BUDGETS: accuracy, and the share of the wrong labels that were put right. */
  readonly orders: Readonly<Record<string, readonly { accuracy: number; fixed: number }[]>>;
  readonly seconds: number;
}

/** Puts the truth back into the rows that each order ranks worst. */
export async function measureRelabel(set: string, rate: number, seed: number): Promise<RelabelCell> {
  const started = Date.now();
  const world = await makeWorld({ set, rate, seed });
  const ground = { ...world, targets: world.given, groups: world.clusters };
  const [training, validation, test] = [0, 1, 2].map((side) => knownRows(ground, side)) as [
    Int32Array,
    Int32Array,
    Int32Array,
  ];
  const shared = {
    ...world,
    ...{ outputs: world.classes.length, groups: world.clusters, training, validation, test },
  };
  const judged = { ...shared, task: classification, metric: 'accuracy' };
  const refit = createRefit({ ...judged, strengths: STRENGTHS });
  const noisy = await refit(world.given);
  const orders: Record<string, { accuracy: number; fixed: number }[]> = {};
  const wrong = training.filter((row) => world.given[row] !== world.truth[row]);
  for (const [order, first] of await rankings(world, training, wrong, seed)) {
    orders[order] = [];
    for (const budget of BUDGETS) {
      const checked = await first(Math.round(budget * training.length));
      const { value } = await refit(putRight(world.given, world.truth, checked));
      const fixed = checked.filter((row) => world.given[row] !== world.truth[row]).length / wrong.length;
      orders[order].push({ accuracy: value, fixed });
    }
  }
  return {
    ...{ set, rate, seed, noisy: noisy.value, orders },
    fixed: (await createRefit({ ...judged, strengths: [world.fixedStrength] })(world.given)).value,
    clean: (await refit(world.truth)).value,
    seconds: (Date.now() - started) / 1000,
  };
}

/** The training rows that an order wants checked, so many of them. */
type Ranking = (count: number) => Promise<Int32Array>;

/** The oracle has exactly the wrong rows at its head; two goes score anew after half of the checks. */
async function rankings(
  world: World,
  training: Int32Array,
  wrong: Int32Array,
  seed: number,
): Promise<Map<(typeof ORDERS)[number], Ranking>> {
  const evidence = await evidenceOf(world, world.given, training, seed);
  const ranked = (order: string): Int32Array => reviewOrder(order, evidence, seed).map((at) => training[at]!);
  const isWrong = new Set(wrong);
  const random = ranked('random');
  const oracle = Int32Array.of(
    ...random.filter((row) => isWrong.has(row)),
    ...random.filter((row) => !isWrong.has(row)),
  );
  const once =
    (rows: Int32Array): Ranking =>
    (count) =>
      Promise.resolve(rows.subarray(0, count));
  const first = ranked('self_confidence');
  const twoGoes: Ranking = async (count) => {
    const done = first.subarray(0, Math.round(count / 2));
    const labels = putRight(world.given, world.truth, done);
    const again = reviewOrder('self_confidence', await evidenceOf(world, labels, training, seed), seed);
    const isDone = new Set(done);
    const rest = again.map((at) => training[at]!).filter((row) => !isDone.has(row));
    return Int32Array.of(...done, ...rest.subarray(0, count - done.length));
  };
  return new Map(
    ORDERS.map((order) => {
      if (order === 'oracle') return [order, once(oracle)];
      return [order, order === 'self_confidence, in two goes' ? twoGoes : once(ranked(order))];
    }),
  );
}

/** Out-of-fold evidence of the training rows, with some labels. */
async function evidenceOf(
  world: World,
  labels: Int32Array,
  training: Int32Array,
  seed: number,
): Promise<Evidence> {
  const ground = { ...world, targets: labels, groups: world.clusters };
  const folds = innerFolds(ground, training, { seed, outerFolds: 3 }, INNER_FOLDS);
  const settings = {
    ...{ task: classification, metric: 'accuracy', outputs: world.classes.length },
    ...{ strengths: STRENGTHS, innerFolds: INNER_FOLDS },
    ...{ minEffectiveSampleSize: 0, duplicateCap: 1 },
  };
  const fit = fitPathOf(world, labels);
  return (await outOfFoldEvidence(training, folds, ground, settings, fit)).evidence;
}

function fitPathOf({ features, classes }: World, labels: Int32Array): FitPath {
  return async ({ training, heldOut }, sampleWeights) => {
    const rowsOf = (rows: Int32Array) => ({ kind: 'sparse' as const, matrix: selectRows(features, rows) });
    const targets = training.map((row) => labels[row]!);
    const set = { input: rowsOf(training), targets, outputs: classes.length, sampleWeights };
    const input = rowsOf(heldOut);
    const logits: Float64Array[] = [];
    let warmStart: readonly Tensor[] | undefined;
    for (const C of STRENGTHS) {
      const params = linear.paramsSchema.parse({ C });
      const fitted = await linear.fit(set, params, { seed: 0, ...(warmStart ? { warmStart } : {}) });
      warmStart = fitted.tensors();
      logits.push(fitted.predictLogits(input));
    }
    return logits;
  };
}
