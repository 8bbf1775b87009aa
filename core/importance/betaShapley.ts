import { z } from 'zod';
import { gameEstimator, GameParams } from './utility/estimate.js';

const paramsSchema = GameParams.extend({
  alpha: z
    .number()
    .positive()
    .default(4)
    .describe('above beta: what a sample adds to few others counts more'),
  beta: z.number().positive().default(1).describe('alpha = beta = 1: the Shapley value'),
  perUnit: z.int().positive().default(10).describe('permutations in a unit of work'),
});

/**
 * Beta(α, β) semivalue of each sample for validation accuracy: a Shapley value that counts what is added to small sets
 * more, since what is added to large ones is mostly noise.
 *
 * @source Kwon & Zou, Beta Shapley, AISTATS 2022
 */
export const betaShapley = gameEstimator({
  name: 'beta_shapley',
  paramsSchema,
  notes: {
    formula: 'Σ_S w(|S|)·(U(S+i) − U(S)), w(k) = B(k+β, n−k−1+α)/B(α, β)',
    cost: 'units · perUnit · n trainings (naive Bayes: updates), fewer by early stopping',
    higherMeans: 'the validation accuracy of small training sets rises when it joins',
    use: 'label errors by a game where Data Shapley is too noisy',
    source: 'Kwon & Zou, AISTATS 2022',
  },
  game: ({ alpha, beta }) => ({ kind: 'permutations', alpha, beta, truncation: 0 }),
});
