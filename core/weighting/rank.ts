import { z } from 'zod';
import type { WeightingPolicy } from './policy.js';

const paramsSchema = z.strictObject({});

/**
 * The score's rank, 1 for the lowest, equal scores sharing their mean rank. Robust against heavy tails: the effective
 * sample size is about three quarters of n whatever the scores.
 */
export const rank: WeightingPolicy<z.infer<typeof paramsSchema>> = {
  name: 'rank',
  paramsSchema,
  weights({ scores }) {
    const order = Int32Array.from(scores.keys()).sort((a, b) => scores[a]! - scores[b]!);
    const ranks = new Float64Array(scores.length);
    for (let start = 0, end = 0; start < order.length; start = end) {
      while (end < order.length && scores[order[end]!] === scores[order[start]!]) end++;
      const shared = (start + 1 + end) / 2; // mean of the ranks start + 1 … end
      for (let place = start; place < end; place++) ranks[order[place]!] = shared;
    }
    return ranks;
  },
};
