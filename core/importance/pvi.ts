import { z } from 'zod';
import { logProbabilityOf } from '../probability.js';
import type { ImportanceEstimator } from './estimator.js';
import { withLogits } from './evidence.js';
import { priorOfTargets } from './prior.js';
import { pointwiseBits } from './vInformation.js';

const paramsSchema = z.strictObject({
  smoothing: z
    .number()
    .nonnegative()
    .default(1)
    .describe('added to the count of each class in the null model g∅'),
  floor: z
    .number()
    .positive()
    .max(1e-3)
    .default(1e-12)
    .describe('smallest probability that is believed: a score is finite'),
});

/**
 * Pointwise V-information at the given label: −log₂ g∅(y) + log₂ g(y|x) in bits, out of fold. Above 0 the input helps
 * to tell the label; below 0 the model gives the label less than the class prior does (hard, odd, or mislabelled).
 * g∅ is the smoothed class prior of the rows outside the sample's own fold. The mean over samples is H(Y) − H(Y|X).
 * The largest possible score is −log₂ g∅(y), so rare classes score higher: to compare across classes, see
 * `self_confidence`.
 *
 * @source Ethayarajh, Choi & Swayamdipta, Understanding Dataset Difficulty with V-Usable Information, ICML 2022
 */
export const pvi: ImportanceEstimator<z.infer<typeof paramsSchema>> = {
  name: 'pvi',
  paramsSchema,
  requires: ['outOfFoldLogits'],
  usesLabelSurprise: true,
  detectsLabelErrors: true,
  unit: 'bits',
  notes: {
    formula: 'log₂ g(y|x) − log₂ g∅(y), g∅ the smoothed class prior outside the fold',
    cost: 'the k fits of the out-of-fold evidence + O(n·K)',
    higherMeans: 'the input tells more of the label than the class prior does',
    use: 'the default of weighting; where classes are of similar size',
    source: 'Ethayarajh, Choi & Swayamdipta, ICML 2022',
  },
  estimate(evidence, { smoothing, floor }) {
    const { targets, logits, outputs } = withLogits(evidence, 'pvi');
    const given = logProbabilityOf(targets, logits, outputs); // (n,), nats
    const prior = priorOfTargets(evidence, smoothing); // (n,)
    const lowest = Math.log(floor);
    return given.map((log, i) => pointwiseBits(log, Math.log(prior[i]!), lowest));
  },
};
