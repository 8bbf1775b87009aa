import { z } from 'zod';
import { gameEstimator, GameParams, Learner } from './utility/estimate.js';

const paramsSchema = GameParams.extend({
  learner: Learner.default('knn'),
  perUnit: z.int().positive().default(100).describe('coalitions in a unit of work'),
});

/**
 * Banzhaf value of each sample for validation accuracy, every coalition serving all samples at once: the mean utility
 * with the sample less that without it.
 *
 * @source Wang & Jia, Data Banzhaf: A Robust Data Valuation Framework, AISTATS 2023
 */
export const dataBanzhaf = gameEstimator({
  name: 'data_banzhaf',
  paramsSchema,
  notes: {
    formula: 'mean U(S with i) − mean U(S without i), S by coin tosses',
    cost: 'units · perUnit trainings, whatever n',
    higherMeans: 'training sets of half the data are better with it',
    use: 'where trainings are dear and a ranking robust to their noise is wanted',
    source: 'Wang & Jia, AISTATS 2023',
  },
  game: () => ({ kind: 'masks' }),
});
