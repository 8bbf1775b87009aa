import { createRefit } from '../../activities/refit.js';
import type { Tensor } from '../../contracts/matrix.js';
import { innerFolds, knownRows } from '../../core/choice/division.js';
import { outOfFoldEvidence, type FitPath } from '../../core/choice/nestedChoice.js';
import { putRight, reviewOrder } from '../../core/relabel/reviewOrder.js';
import { selectRows } from '../../core/sparse.js';
import { classification } from '../../core/tasks/classification.js';
import { linear } from '../../models/linear.js';
import { STRENGTHS } from '../recovery/cell.js';
import { makeWorld, type World } from '../recovery/world.js';

export const BUDGETS = [0.05, 0.1, 0.2, 0.3];
export const ORDERS = ['self_confidence', 'noise_posterior', 'pvi', 'random', 'oracle'] as const;
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
  const world = await makeWorld(set, rate, seed);
  const ground = { ...world, targets: world.given, groups: world.clusters };
  const [training, validation, test] = [0, 1, 2].map((side) => knownRows(ground, side)) as [
    Int32Array,
    Int32Array,
    Int32Array,
  ];
  const shared = { ...world, outputs: world.classes.length, training, validation, test };
  const judged = { ...shared, task: classification, metric: 'accuracy' };
  const refit = createRefit({ ...judged, strengths: STRENGTHS });
  const noisy = await refit(world.given);
  const orders: Record<string, { accuracy: number; fixed: number }[]> = {};
  const wrong = training.filter((row) => world.given[row] !== world.truth[row]);
  for (const [order, rows] of await rankings(world, training, wrong, seed)) {
    orders[order] = [];
    for (const budget of BUDGETS) {
      const checked = rows.subarray(0, Math.round(budget * training.length));
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

/** Training rows in each order, the most suspicious first; the oracle has exactly the wrong ones at its head. */
async function rankings(
  world: World,
  training: Int32Array,
  wrong: Int32Array,
  seed: number,
): Promise<Map<string, Int32Array>> {
  const ground = { ...world, targets: world.given, groups: world.clusters };
  const folds = innerFolds(ground, training, { seed, outerFolds: 3 }, INNER_FOLDS);
  const outputs = world.classes.length;
  const settings = {
    ...{ task: classification, metric: 'accuracy', outputs },
    ...{ strengths: STRENGTHS, innerFolds: INNER_FOLDS },
  };
  const { evidence } = await outOfFoldEvidence(training, folds, ground, settings, fitPathOf(world));
  const isWrong = new Set(wrong);
  return new Map(
    ORDERS.map((order) => {
      if (order !== 'oracle') return [order, reviewOrder(order, evidence, seed).map((at) => training[at]!)];
      const random = reviewOrder('random', evidence, seed).map((at) => training[at]!);
      const head = random.filter((row) => isWrong.has(row));
      return [order, Int32Array.of(...head, ...random.filter((row) => !isWrong.has(row)))];
    }),
  );
}

function fitPathOf({ features, given, classes }: World): FitPath {
  return async ({ training, heldOut }, sampleWeights) => {
    const rowsOf = (rows: Int32Array) => ({ kind: 'sparse' as const, matrix: selectRows(features, rows) });
    const targets = training.map((row) => given[row]!);
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
