import { z } from 'zod';
import { gameEstimator, GameParams } from './utility/estimate.js';

const paramsSchema = GameParams.extend({
  truncation: z
    .number()
    .nonnegative()
    .default(0.01)
    .describe('the rest of a permutation earns nothing once the utility is this near to that of all samples'),
  perUnit: z.int().positive().default(10).describe('permutations in a unit of work'),
});

/**
 * Shapley value of each sample for validation accuracy, by truncated Monte Carlo: the mean of what it adds when samples
 * join in a random order.
 *
 * @source Ghorbani & Zou, Data Shapley, ICML 2019
 */
export const dataShapley = gameEstimator({
  name: 'data_shapley',
  paramsSchema,
  notes: {
    formula: 'E over permutations π of U(before i in π, and i) − U(before i in π)',
    cost: 'units · perUnit · n trainings (naive Bayes: updates), fewer by truncation and early stopping',
    higherMeans: 'the validation accuracy rises when it joins',
    use: 'small data where a fair division is wanted; noisy at n = 1000 unless thousands of permutations are paid for',
    source: 'Ghorbani & Zou, ICML 2019',
  },
  game: ({ truncation }) => ({ kind: 'permutations', alpha: 1, beta: 1, truncation }),
});
