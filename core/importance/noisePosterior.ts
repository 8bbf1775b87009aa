import { z } from 'zod';
import { fitNoisePosterior } from '../weighting/noiseModel.js';
import type { ImportanceEstimator } from './estimator.js';
import { withLogits } from './evidence.js';

const paramsSchema = z.strictObject({
  iterations: z.int().positive().default(60).describe('most steps of expectation-maximisation'),
  priorStrength: z
    .number()
    .positive()
    .default(10)
    .describe("pseudo-count of a class's row of the transition"),
});

/**
 * Probability that the given label is right, in [0, 1]: p(ỹ)T(ỹ,ỹ) / Σ_c p(c)T(c,ỹ), with the temperature of p and the
 * transition T fitted to the out-of-fold logits by EM. One-sided noise, and noise of a binary label near one half, can't
 * be told from a hard problem without trusted labels.
 *
 * @source Dawid & Skene 1979; Patrini et al., CVPR 2017
 */
export const noisePosterior: ImportanceEstimator<z.infer<typeof paramsSchema>> = {
  name: 'noise_posterior',
  paramsSchema,
  requires: ['outOfFoldLogits'],
  usesLabelSurprise: true,
  detectsLabelErrors: true,
  unit: 'probability',
  notes: {
    formula: 'p(y)T(y,y) / Σ_c p(c)T(c,y), p = softmax(z/τ), τ and T by EM',
    cost: 'the k fits of the out-of-fold evidence + up to 60 × O(n·K)',
    higherMeans: 'the label is probably right',
    use: 'lists of label errors under class-dependent noise; says the noise rate too',
    source: 'Dawid & Skene 1979; Patrini et al., CVPR 2017',
  },
  estimate(evidence, options) {
    const { targets, logits, outputs } = withLogits(evidence, 'noise_posterior');
    return fitNoisePosterior(logits, targets, outputs, options).posterior;
  },
};
