import { z } from 'zod';
import { softmaxRows } from '../probability.js';
import type { ImportanceEstimator } from './estimator.js';
import { withLogits } from './evidence.js';
import { findLabelIssues, LABEL_ISSUE_FILTERS } from './labelIssues.js';
import { selfConfidences } from './labelQuality.js';

const paramsSchema = z.strictObject({
  filterBy: z
    .enum(LABEL_ISSUE_FILTERS)
    .default('prune_by_noise_rate')
    .describe("which samples of the confident joint's noisy pairs are flagged"),
  fracNoise: z.number().min(0).max(1).default(1).describe('share of the estimated label errors to flag'),
  minExamplesPerClass: z.int().nonnegative().default(1).describe('samples that each class keeps'),
});

/**
 * Out-of-fold p(ỹ) in [0, 1], less 1 for the samples that confident learning flags as label errors: below 0 =
 * flagged, so that `clip` and `filter` drop them. Memory: one (n, K) array of probabilities beside the logits.
 *
 * @source Northcutt, Jiang & Chuang, Confident Learning, JAIR 2021
 */
export const confidentLearning: ImportanceEstimator<z.infer<typeof paramsSchema>> = {
  name: 'confident_learning',
  paramsSchema,
  requires: ['outOfFoldLogits'],
  usesLabelSurprise: true,
  detectsLabelErrors: true,
  unit: 'probability',
  notes: {
    formula: 'p(y|x) − 1[flagged by the confident joint]',
    cost: 'the k fits of the out-of-fold evidence + O(n·K)',
    higherMeans: 'the label is believed; below 0: flagged as an error',
    use: 'to drop label errors: says how many there are, not only their order',
    source: 'Northcutt, Jiang & Chuang, JAIR 2021; cleanlab',
  },
  estimate(evidence, options) {
    const { targets, logits, outputs } = withLogits(evidence, 'confident_learning');
    const probabilities = softmaxRows(logits, outputs);
    const flagged = findLabelIssues(probabilities, targets, outputs, options);
    return selfConfidences(probabilities, targets, outputs).map((p, row) => p - flagged[row]!);
  },
};
