import { z } from 'zod';
import { effectiveSampleSize } from './effectiveSampleSize.js';
import { type WeightingPolicy } from './policy.js';

const paramsSchema = z.strictObject({
  effectiveSampleSize: z
    .number()
    .gt(0)
    .lt(1)
    .default(0.7)
    .describe('share of n that the temperature is chosen for'),
});

/**
 * exp(score / τ), with the temperature τ at which the effective sample size is the wanted share of n. Where more than
 * that share has the highest score, the weights come as near to it as they can.
 */
export const softmax: WeightingPolicy<z.infer<typeof paramsSchema>> = {
  name: 'softmax',
  paramsSchema,
  weights({ scores }, params) {
    return tempered(scores, temperatureFor(scores, params.effectiveSampleSize));
  },
};

/**
 * The temperature, in units of the score, at which exp(score / τ) has the wanted effective sample size (share of n):
 * bisection on log τ. Infinity where all scores are equal.
 */
export function temperatureFor(scores: Float64Array, wanted: number): number {
  const [lowest, highest] = extremes(scores);
  const spread = highest - lowest;
  if (!(spread > 0)) return Infinity;
  let low = Math.log(spread) - 25; // nearly all weight on the highest
  let high = Math.log(spread) + 25; // nearly uniform
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (effectiveSampleSize(tempered(scores, Math.exp(middle))) < wanted) low = middle;
    else high = middle;
  }
  return Math.exp(high);
}

function tempered(scores: Float64Array, temperature: number): Float64Array {
  const [, highest] = extremes(scores);
  return scores.map((score) => Math.exp((score - highest) / temperature));
}

function extremes(scores: Float64Array): [number, number] {
  let lowest = Infinity;
  let highest = -Infinity;
  for (const score of scores) {
    lowest = Math.min(lowest, score);
    highest = Math.max(highest, score);
  }
  return [lowest, highest];
}
