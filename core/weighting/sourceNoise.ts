import { z } from 'zod';
import { withLogits } from '../importance/evidence.js';
import { noiseOfSamples, sourceNoise as ratesOfSources } from '../importance/sourceNoise.js';
import { fitNoisePosterior } from './noiseModel.js';
import type { WeightingPolicy } from './policy.js';

const paramsSchema = z.strictObject({});

/**
 * The probability that the given label is right, knowing who gave it: the odds of `noise_posterior` times those that a
 * label of its source is right, over those that any label is. Rates of sources are shrunken (beta-binomial).
 */
export const sourceNoise: WeightingPolicy<z.infer<typeof paramsSchema>> = {
  name: 'source_noise',
  paramsSchema,
  weights({ evidence }) {
    const { logits, targets, outputs } = withLogits(evidence, 'source_noise');
    const { sources } = evidence;
    if (!sources) {
      throw new RangeError('source_noise: expected evidence.sources, (n,), who gave each label, got none');
    }
    const { posterior } = fitNoisePosterior(logits, targets, outputs);
    const found = ratesOfSources(
      posterior.map((right) => 1 - right),
      sources,
    );
    const rates = noiseOfSamples(found, sources);
    const overall = oddsRight(found.mean);
    return posterior.map((right, i) => {
      const odds = (oddsRight(1 - right) * oddsRight(rates[i]!)) / overall;
      return odds / (1 + odds);
    });
  },
};

/** Bounded: neither sure that a label is right nor that it is wrong. */
function oddsRight(wrong: number): number {
  const rate = Math.min(Math.max(wrong, 1e-9), 1 - 1e-9);
  return (1 - rate) / rate;
}
