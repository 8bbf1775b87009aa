import { z } from 'zod';

export const Share = z.number().min(0).max(1);

const Groups = z
  .enum(['together', 'apart'])
  .optional()
  .describe(
    'together (what is taken where nothing is said): rows of one group on one side; apart: each row by itself, for users whose taste must be known',
  );
const Shares = z.tuple([Share, Share, Share]).default([0.7, 0.15, 0.15]).describe('train, validation, test');

/** How rows get their side. */
export const SplitConfig = z.discriminatedUnion('by', [
  z.strictObject({
    by: z.literal('hash').describe('seeded hash of the group, else the id: a row never changes side'),
    shares: Shares,
    groups: Groups,
  }),
  z.strictObject({
    by: z.literal('stratified').describe('exact shares per class; for small fixed tables'),
    shares: Shares,
    groups: Groups,
  }),
  z.strictObject({
    by: z.literal('time').describe('oldest rows train, newest test'),
    shares: Shares,
    groups: Groups,
  }),
  z.strictObject({
    by: z.literal('lastOfGroup').describe('the last events of each group (user) test, those before validate'),
    validation: z
      .int()
      .min(0)
      .default(1)
      .describe('events of a group that validate; rows of one time are one'),
    test: z
      .int()
      .positive()
      .default(1)
      .describe('its last events, which test; where it has no more than both, all train'),
  }),
  z.strictObject({
    by: z.literal('column').describe('the column columns.split says'),
    train: z.string().default('train').describe('its word for training rows'),
    validation: z.string().default('validation').describe('its word for validation rows'),
    test: z.string().default('test').describe('its word for test rows'),
  }),
]);
export type SplitConfig = z.infer<typeof SplitConfig>;
