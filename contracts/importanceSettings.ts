import { z } from 'zod';

const ImportanceSettings = z.strictObject({
  estimator: z
    .string()
    .default('pvi')
    .describe('how much a sample is worth: docs/importance.md has all of them'),
  params: z.json().default({}).describe('what the estimator takes'),
  folds: z.int().min(2).default(5).describe('inner folds: every score is out of fold'),
  refinements: z
    .int()
    .nonnegative()
    .max(10)
    .optional()
    .describe(
      'how often the evidence is made again by models that were trained with its noise posterior; default: 3, or 0 with ' +
        'networks and where targets are random or judged by group',
    ),
  reliability: z
    .strictObject({
      repeats: z
        .int()
        .positive()
        .max(20)
        .default(1)
        .describe(
          'cross-fits with other folds: scores are their mean, weights are drawn to 1 as far as these disagree',
        ),
    })
    .prefault({})
    .describe('how far scores can be relied on'),
  minSuccess: z
    .number()
    .gt(0)
    .max(1)
    .optional()
    .describe(
      'share of the games (permutations, coalitions) of each round and unit that must be played to the end, for estimators that play games: the others, when they fail beyond retries, are left out, and it is told; default: 1, all of them',
    ),
  source: z
    .string()
    .optional()
    .describe(
      'column that says who or what gave the label (vendor, annotator, feed, session), or how far they agreed: its noise rates are reported',
    ),
});
export const ImportanceConfig = z.union([
  z
    .literal('auto')
    .transform(() => ImportanceSettings.parse({}))
    .describe('all defaults: candidates × regularisation, judged by a nested permutation test'),
  ImportanceSettings,
]);
export type ImportanceConfig = z.infer<typeof ImportanceConfig>;
