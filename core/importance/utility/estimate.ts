import { z } from 'zod';
import type { DenseMatrix } from '../../../contracts/matrix.js';
import type { Random } from '../../random.js';
import { canonicalOrder } from '../canonicalOrder.js';
import type { Evidence, EstimatorNotes, ImportanceEstimator, OpenGame } from '../estimator.js';
import { withEvidence } from '../evidence.js';
import { narrowing } from '../narrowFeatures.js';
import { knnUtility, logisticUtility, naiveBayesUtility } from './learners.js';
import { play, playUnit, type Game, type GamePlan, type PlayLimits } from './play.js';
import { tallyValues } from './tally.js';
import { cached, type Utility } from './utility.js';

/** Models that learn from coalitions. */
export const Learner = z
  .enum(['naive_bayes', 'knn', 'logistic'])
  .describe('whose validation accuracy is the utility; logistic trains anew for each coalition');

/** Parameters that all games over coalitions have in common. */
export const GameParams = z.strictObject({
  learner: Learner.default('naive_bayes'),
  k: z.int().positive().default(10).describe('neighbours, of knn'),
  C: z.number().positive().default(1).describe('inverse strength of L2, of logistic'),
  dimensions: z.int().positive().default(64).describe('wider features are projected at random to so many'),
  units: z.int().positive().default(40).describe('at most so many units of work'),
  halfWidth: z
    .number()
    .nonnegative()
    .default(0)
    .describe('stops when all 95% intervals are this narrow to either side; 0: does not'),
  rankCorrelation: z
    .number()
    .positive()
    .default(0.999)
    .describe(
      'stops when values correlate this much (Spearman) with those 5 units before; above 1: does not',
    ),
});
export type GameParams = z.infer<typeof GameParams>;

const PATIENCE = 5; // units

/** What one game has beside the others. */
interface GameEstimator<P> {
  readonly name: string;
  readonly paramsSchema: z.ZodType<P>;
  readonly notes: EstimatorNotes;
  readonly game: (params: P) => Game;
}

/** An estimator that plays a game over the samples. */
export const gameEstimator = <P extends GameParams & { readonly perUnit: number }>({
  name,
  paramsSchema,
  notes,
  game,
}: GameEstimator<P>): ImportanceEstimator<P> => ({
  name,
  paramsSchema,
  requires: ['features', 'validation'],
  usesLabelSurprise: true,
  detectsLabelErrors: true,
  unit: 'utility',
  notes,
  estimate: (evidence, params, random) => {
    const opened = openGame(evidence, name, game(params), params, random);
    for (const step of play(opened.utility, opened.plan, limitsOf(params))) {
      if (step.done) return opened.scores(step.tally);
    }
    return new Float64Array(evidence.targets.length);
  },
  game: {
    limits: limitsOf,
    open: (evidence, params, random) => openGame(evidence, name, game(params), params, random),
  },
});

const limitsOf = ({ units, halfWidth, rankCorrelation }: GameParams): PlayLimits => ({
  mostUnits: units,
  halfWidth,
  rankCorrelation,
  patience: PATIENCE,
});

/** A game over the samples; what decides it is drawn here, once. */
function openGame(
  evidence: Evidence,
  name: string,
  game: Game,
  params: GameParams & { readonly perUnit: number },
  random: Random,
): OpenGame & { readonly utility: Utility; readonly plan: GamePlan } {
  const { features, validation, targets } = withEvidence(evidence, name, ['features', 'validation']);
  const order = canonicalOrder(features, targets);
  const plan = { game, seed: random.below(2 ** 31), perUnit: params.perUnit };
  const narrow = narrowing(features.matrix.cols, params.dimensions, random);
  const training = { matrix: inOrder(narrow(features), order), targets: order.map((row) => targets[row]!) };
  const heldOut = { matrix: narrow(validation.features), targets: validation.targets };
  const isVoid = targets.length === 0 || validation.targets.length === 0;
  const utility = isVoid
    ? { points: order.length, value: () => 0 }
    : cached(learnerUtility(training, heldOut, evidence.outputs, params));
  return {
    ...{ utility, plan },
    play: (unit) => playUnit(utility, plan, unit),
    scores: (tally) => {
      const values = tallyValues(tally);
      const scores = new Float64Array(order.length);
      order.forEach((row, place) => (scores[row] = values[place]!));
      return scores;
    },
  };
}

function learnerUtility(
  training: Parameters<typeof knnUtility>[0],
  validation: Parameters<typeof knnUtility>[1],
  outputs: number,
  { learner, k, C }: GameParams,
): Utility {
  switch (learner) {
    case 'knn':
      return knnUtility(training, validation, k);
    case 'naive_bayes':
      return naiveBayesUtility(training, validation, outputs);
    case 'logistic':
      return logisticUtility(training, validation, outputs, C);
  }
}

function inOrder({ cols, values }: DenseMatrix, order: Int32Array): DenseMatrix {
  const sorted = new Float64Array(order.length * cols);
  order.forEach((row, i) => sorted.set(values.subarray(row * cols, (row + 1) * cols), i * cols));
  return { rows: order.length, cols, values: sorted };
}
