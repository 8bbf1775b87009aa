import { z } from 'zod';
import { effectiveSampleSize } from './effectiveSampleSize.js';
import type { WeightingPolicy } from './policy.js';

const paramsSchema = z.strictObject({
  effectiveSampleSize: z
    .number()
    .gt(0)
    .lt(1)
    .default(0.7)
    .describe('share of n that the temperature is chosen for'),
  temperature: z
    .number()
    .positive()
    .optional()
    .describe('fixed temperature, in units of the score, instead of one for the effective sample size'),
});

/**
 * exp(score / τ), with the temperature τ at which the effective sample size is the wanted share of n. Where more than
 * that share has the highest score, the weights come as near to it as they can.
 */
export const softmax: WeightingPolicy<z.infer<typeof paramsSchema>> = {
  name: 'softmax',
  paramsSchema,
  weights({ scores }, params) {
    const { relative, spread } = relativeScores(scores);
    if (params.temperature !== undefined) return tempered(relative, params.temperature / (spread || 1));
    return tempered(relative, relativeTemperature(relative, params.effectiveSampleSize));
  },
};

/**
 * The temperature, in units of the score, at which exp(score / τ) has the wanted effective sample size (share of n):
 * bisection on log τ. Infinity where all scores are equal.
 */
export function temperatureFor(scores: Float64Array, wanted: number): number {
  const { relative, spread } = relativeScores(scores);
  return spread === 0 ? Infinity : spread * relativeTemperature(relative, wanted);
}

/** In units of the spread: from e⁻²⁵, all weight on the highest, to e²⁵, uniform. */
function relativeTemperature(relative: Float64Array, wanted: number): number {
  let low = -25;
  let high = 25;
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (effectiveSampleSize(tempered(relative, Math.exp(middle))) < wanted) low = middle;
    else high = middle;
  }
  return Math.exp(high);
}

const tempered = (relative: Float64Array, temperature: number): Float64Array =>
  relative.map((score) => Math.exp(score / temperature));

/** Scores brought to [−1, 0]; all 0 where they are equal. */
function relativeScores(scores: Float64Array): { relative: Float64Array; spread: number } {
  let lowest = Infinity;
  let highest = -Infinity;
  for (const score of scores) {
    lowest = Math.min(lowest, score);
    highest = Math.max(highest, score);
  }
  const spread = scores.length === 0 ? 0 : highest - lowest;
  return { relative: scores.map((score) => (spread > 0 ? (score - highest) / spread : 0)), spread };
}
