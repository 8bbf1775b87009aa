import { z } from 'zod';
import { softmaxRows } from '../probability.js';
import type { ImportanceEstimator } from './estimator.js';
import { withLogits } from './evidence.js';
import { adjustForThresholds, normalizedMargins } from './labelQuality.js';

const paramsSchema = z.strictObject({
  adjust: z
    .boolean()
    .default(false)
    .describe("take the class's mean self-confidence off first, for classes of unequal size"),
});

/**
 * (p(ỹ) − max p(c≠ỹ) + 1) / 2 of the out-of-fold probabilities, in [0, 1]; below ½ the model prefers another class.
 *
 * @source cleanlab 2.9 `get_normalized_margin_for_each_label`
 */
export const normalizedMargin: ImportanceEstimator<z.infer<typeof paramsSchema>> = {
  name: 'normalized_margin',
  paramsSchema,
  requires: ['outOfFoldLogits'],
  usesLabelSurprise: true,
  detectsLabelErrors: true,
  unit: 'probability',
  notes: {
    formula: '(p(y|x) − max p(c≠y|x) + 1) / 2',
    cost: 'the k fits of the out-of-fold evidence + O(n·K)',
    higherMeans: 'the label beats every other class by far',
    use: 'label errors between two classes, where the rival matters more than the spread',
    source: 'Northcutt, Jiang & Chuang, JAIR 2021; cleanlab',
  },
  estimate(evidence, { adjust }) {
    const { targets, logits, outputs } = withLogits(evidence, 'normalized_margin');
    const probabilities = softmaxRows(logits, outputs);
    const used = adjust ? adjustForThresholds(probabilities, targets, outputs) : probabilities;
    return normalizedMargins(used, targets, outputs);
  },
};
