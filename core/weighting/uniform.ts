import { z } from 'zod';
import type { WeightingPolicy } from './policy.js';

const paramsSchema = z.strictObject({});

/** Every sample weighs the same: the incumbent that every other policy must beat. */
export const uniform: WeightingPolicy<z.infer<typeof paramsSchema>> = {
  name: 'uniform',
  paramsSchema,
  allowsAleatoric: true,
  weights({ scores }) {
    return new Float64Array(scores.length).fill(1);
  },
};
