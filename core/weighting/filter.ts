import { z } from 'zod';
import type { WeightingPolicy } from './policy.js';

const paramsSchema = z.strictObject({
  threshold: z.number().default(0).describe('samples that score lower weigh nothing'),
});

/** Drops the samples that score below a threshold, and keeps the others as they are. */
export const filter: WeightingPolicy<z.infer<typeof paramsSchema>> = {
  name: 'filter',
  paramsSchema,
  weights({ scores }, { threshold }) {
    return scores.map((score) => (score < threshold ? 0 : 1));
  },
};
