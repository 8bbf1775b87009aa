import { z } from 'zod';
import type { WeightingPolicy } from './policy.js';

const paramsSchema = z.strictObject({});

/** max(score, 0): the article's IG/ΣIG, made safe against negative scores. Made for signed scores such as `pvi`. */
export const clip: WeightingPolicy<z.infer<typeof paramsSchema>> = {
  name: 'clip',
  paramsSchema,
  weights({ scores }) {
    return scores.map((score) => Math.max(score, 0));
  },
};
