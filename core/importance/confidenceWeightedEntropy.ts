import { z } from 'zod';
import { softmaxRows } from '../probability.js';
import type { ImportanceEstimator } from './estimator.js';
import { withLogits } from './evidence.js';
import { confidenceWeightedEntropies } from './labelQuality.js';

const paramsSchema = z.strictObject({});

/**
 * ln(s + 1)/s with s = (H(p)/ln K) / max(p(ỹ), 1e-6), in [0, 1]: lowest where the prediction is spread and gives the
 * given label little.
 *
 * @source Kuan & Mueller, Model-agnostic label quality scoring, ICML DataPerf 2022; cleanlab 2.9
 */
export const confidenceWeightedEntropy: ImportanceEstimator<z.infer<typeof paramsSchema>> = {
  name: 'confidence_weighted_entropy',
  paramsSchema,
  requires: ['outOfFoldLogits'],
  usesLabelSurprise: true,
  detectsLabelErrors: true,
  unit: 'none',
  notes: {
    formula: 'ln(s + 1)/s, s = (H(p)/ln K)/p(y|x)',
    cost: 'the k fits of the out-of-fold evidence + O(n·K)',
    higherMeans: 'a sure prediction of the given label',
    use: 'label errors among samples that confuse the model; second to self_confidence on real noise',
    source: 'Kuan & Mueller, DataPerf 2022; cleanlab',
  },
  estimate(evidence) {
    const { targets, logits, outputs } = withLogits(evidence, 'confidence_weighted_entropy');
    return confidenceWeightedEntropies(softmaxRows(logits, outputs), targets, outputs);
  },
};
