import { z } from 'zod';
import { Budget } from './budget.js';
import { Estimate } from './estimate.js';

/** Values between two ends, drawn evenly on their scale. */
export const SearchRange = z.strictObject({
  from: z.number(),
  to: z.number(),
  scale: z.enum(['linear', 'log']).default('linear').describe('log: every factor is as likely as any other'),
  integer: z.boolean().default(false).describe('whole numbers only, both ends among them'),
});
export type SearchRange = z.infer<typeof SearchRange>;

/** What may be tried, by name of a model's parameter: a list of values, or a range. */
export const SearchSpace = z.record(z.string(), z.union([z.array(z.json()).min(2), SearchRange]));
export type SearchSpace = z.infer<typeof SearchSpace>;

export const TuneConfig = z.strictObject({
  method: z
    .enum(['asha', 'random'])
    .default('asha')
    .describe(
      'asha: all trials on few rows, the best of them on more (successive halving); random: all on all rows',
    ),
  trials: z
    .int()
    .min(1)
    .max(200)
    .default(16)
    .describe("settings that are drawn, beside the model's own as they are configured"),
  search: SearchSpace.optional().describe(
    "by name of a model's parameter: a list of values, or { from, to, scale, integer }; default: the model's",
  ),
  folds: z
    .int()
    .min(2)
    .max(10)
    .default(3)
    .describe('of the training split: every trial is judged out of fold'),
  reduction: z
    .int()
    .min(2)
    .max(8)
    .default(3)
    .describe('asha: one trial in so many goes on, with so many times the rows'),
  leastShare: z
    .number()
    .gt(0)
    .max(1)
    .default(0.1)
    .describe("asha: no trial begins with a smaller share of the folds' training rows"),
  parallel: z
    .int()
    .min(1)
    .max(64)
    .default(4)
    .describe('trials at a time; what is learned from them decides the next ones'),
  budget: Budget.optional().describe("of the search alone; costPerHour: the run's where left out"),
  nested: z
    .boolean()
    .default(false)
    .describe('search anew in every fold of crossValidate, so that its figures know nothing of the search'),
});
export type TuneConfig = z.infer<typeof TuneConfig>;

/** How a trial did on a share of the rows. */
export const TrialRung = z.strictObject({
  share: z.number(), // of the folds' training rows
  value: z.number().nullable(), // out of fold, at its best strength; null: diverged
  strength: z.number().nullable(), // of the model's own regularisation
});

/** What a search tried, and what came of it; a JSON document. */
export const TuningSummary = z.strictObject({
  method: z.enum(['asha', 'random']),
  metric: z.string(),
  model: z.string(),
  folds: z.int(),
  /** By number; 0 has the settings as they are configured. Parameters that are searched, no others. */
  trials: z.array(
    z.strictObject({
      number: z.int().nonnegative(),
      params: z.record(z.string(), z.json()),
      rungs: z.array(TrialRung), // in the order of shares
    }),
  ),
  chosen: z.int().nonnegative(),
  /** Of the chosen trial over trial 0, both on all rows; not corrected for being the best of several. Null: trial 0 diverged. */
  gain: Estimate.nullable(),
  reason: z.string(),
});
export type TuningSummary = z.infer<typeof TuningSummary>;
