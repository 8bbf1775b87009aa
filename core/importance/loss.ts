import { z } from 'zod';
import { logProbabilityOf } from '../probability.js';
import type { ImportanceEstimator } from './estimator.js';
import { withLogits } from './evidence.js';

const paramsSchema = z.strictObject({
  floor: z
    .number()
    .positive()
    .max(1e-3)
    .default(1e-12)
    .describe('smallest probability that is believed: a score is finite'),
});

/**
 * Minus the out-of-fold cross-entropy: ln p(y|x) in nats, at most 0. Signed so that higher = worth more: the sample
 * with the largest loss scores lowest. All scores are negative, so a policy that keeps only what is above 0 (`clip`,
 * `filter`) keeps nothing; `rank` and `softmax` suit it.
 */
export const loss: ImportanceEstimator<z.infer<typeof paramsSchema>> = {
  name: 'loss',
  paramsSchema,
  requires: ['outOfFoldLogits'],
  usesLabelSurprise: true,
  detectsLabelErrors: true,
  unit: 'nats',
  notes: {
    formula: 'ln p(y|x)',
    cost: 'the k fits of the out-of-fold evidence + O(n·K)',
    higherMeans: 'the loss is small',
    use: 'where a loss is what you know; with the policies rank and softmax',
    source: 'Chong, Hong & Manning, EMNLP 2022',
  },
  estimate(evidence, { floor }) {
    const { targets, logits, outputs } = withLogits(evidence, 'loss');
    const lowest = Math.log(floor);
    return logProbabilityOf(targets, logits, outputs).map((log) => Math.max(log, lowest));
  },
};
