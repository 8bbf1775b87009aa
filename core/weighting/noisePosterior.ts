import { z } from 'zod';
import { withLogits } from '../importance/evidence.js';
import { fitNoisePosterior } from './noiseModel.js';
import type { WeightingPolicy } from './policy.js';

const paramsSchema = z.strictObject({
  iterations: z.int().positive().default(60).describe('most steps of expectation-maximisation'),
});

/**
 * The probability that the given label is right, from a noise model fitted to the out-of-fold logits. Looks at the
 * logits, not at the scores.
 */
export const noisePosterior: WeightingPolicy<z.infer<typeof paramsSchema>> = {
  name: 'noise_posterior',
  paramsSchema,
  weights({ evidence }, { iterations }) {
    const { logits, targets, outputs } = withLogits(evidence, 'noise_posterior');
    return fitNoisePosterior(logits, targets, outputs, { iterations }).posterior;
  },
};
