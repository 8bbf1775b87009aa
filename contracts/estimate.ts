import { z } from 'zod';

/** An estimate with its 95% bootstrap interval. */
export const Estimate = z.strictObject({ value: z.number(), low: z.number(), high: z.number() });
export type Estimate = z.infer<typeof Estimate>;
