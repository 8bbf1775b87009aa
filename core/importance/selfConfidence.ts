import { z } from 'zod';
import { logProbabilityOf } from '../probability.js';
import type { ImportanceEstimator } from './estimator.js';
import { withLogits } from './evidence.js';

const paramsSchema = z.strictObject({});

/**
 * Out-of-fold probability of the given label, in [0, 1]. Unlike `pvi` it carries no class prior, so that lists of
 * suspected label errors can be ranked by it across classes.
 *
 * @source Northcutt, Jiang & Chuang, Confident Learning, JAIR 2021
 */
export const selfConfidence: ImportanceEstimator<z.infer<typeof paramsSchema>> = {
  name: 'self_confidence',
  paramsSchema,
  requires: ['outOfFoldLogits'],
  usesLabelSurprise: true,
  detectsLabelErrors: true,
  unit: 'probability',
  notes: {
    formula: 'p(y|x)',
    cost: 'the k fits of the out-of-fold evidence + O(n·K)',
    higherMeans: 'the label is believed',
    use: 'lists of suspected label errors across classes of unequal size',
    source: 'Northcutt, Jiang & Chuang, JAIR 2021',
  },
  estimate(evidence) {
    const { targets, logits, outputs } = withLogits(evidence, 'self_confidence');
    return logProbabilityOf(targets, logits, outputs).map(Math.exp);
  },
};
