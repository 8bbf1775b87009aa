import { z } from 'zod';
import { type ImportanceEstimator } from './estimator.js';
import { GameParams, Learner, playedValues } from './utility/estimate.js';

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
export const dataBanzhaf: ImportanceEstimator<z.infer<typeof paramsSchema>> = {
  name: 'data_banzhaf',
  paramsSchema,
  requires: ['features', 'validation'],
  usesLabelSurprise: true,
  detectsLabelErrors: true,
  unit: 'utility',
  notes: {
    formula: 'mean U(S with i) − mean U(S without i), S by coin tosses',
    cost: 'units · perUnit trainings, whatever n',
    higherMeans: 'training sets of half the data are better with it',
    use: 'where trainings are dear and a ranking robust to their noise is wanted',
    source: 'Wang & Jia, AISTATS 2023',
  },
  estimate(evidence, params, random) {
    return playedValues(evidence, 'data_banzhaf', { kind: 'masks' }, params.perUnit, params, random);
  },
};
