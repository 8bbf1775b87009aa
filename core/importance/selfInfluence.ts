import type { z } from 'zod';
import { withOnes } from '../matrix/dense.js';
import type { ImportanceEstimator } from './estimator.js';
import { withEvidence } from './evidence.js';
import { influenceParams, roomFor } from './influence.js';
import { fitInfluence, selfInfluences } from './influenceFunctions.js';
import { narrowing } from './narrowFeatures.js';

/**
 * Minus gᵢᵀ H⁻¹ gᵢ, at most 0, of an exactly fitted logistic regression: how much the model leans on the sample to get
 * that very sample right. Needs no validation side.
 *
 * @source Koh & Liang, ICML 2017, section 5.4
 */
export const selfInfluence: ImportanceEstimator<z.infer<typeof influenceParams>> = {
  name: 'self_influence',
  paramsSchema: influenceParams,
  requires: ['features'],
  usesLabelSurprise: true,
  detectsLabelErrors: true,
  unit: 'nats',
  notes: {
    formula: '−g_iᵀ H⁻¹ g_i',
    cost: '1 exact fit + O(n·P² + P³), P = d·K parameters, at most 2048',
    higherMeans: 'the others would have said the same',
    use: 'label errors and outliers without a validation set',
    source: 'Koh & Liang, ICML 2017',
  },
  estimate(evidence, { l2, dimensions }, random) {
    const { features, targets, outputs } = withEvidence(evidence, 'self_influence', ['features']);
    if (targets.length === 0) return new Float64Array();
    const narrow = narrowing(features.matrix.cols, roomFor(dimensions, outputs), random);
    const fitted = fitInfluence({ design: withOnes(narrow(features)), targets, outputs, l2 });
    return selfInfluences(fitted).map((value) => 0 - value);
  },
};
