import { z } from 'zod';
import { findLabelIssues, LABEL_ISSUE_FILTERS } from '../importance/labelIssues.js';
import { withLogits } from '../importance/evidence.js';
import { softmaxRows } from '../probability.js';
import type { WeightingPolicy } from './policy.js';

const paramsSchema = z.strictObject({
  filterBy: z.enum(LABEL_ISSUE_FILTERS).default('prune_by_noise_rate'),
});

/**
 * Weight 0 for the samples that confident learning flags as label errors, 1 for the others. Looks at the out-of-fold
 * logits, not at the scores.
 *
 * @source Northcutt, Jiang & Chuang, Confident Learning, JAIR 2021
 */
export const confidentLearning: WeightingPolicy<z.infer<typeof paramsSchema>> = {
  name: 'confident_learning',
  paramsSchema,
  weights({ evidence }, { filterBy }) {
    const { logits, targets, outputs } = withLogits(evidence, 'confident_learning');
    const flagged = findLabelIssues(softmaxRows(logits, outputs), targets, outputs, { filterBy });
    return Float64Array.from(flagged, (bit) => 1 - bit);
  },
};
