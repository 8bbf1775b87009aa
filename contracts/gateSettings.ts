import { z } from 'zod';
import { NameConfig } from './settings.js';
import { Share } from './splitSettings.js';

export const GateConfig = z.strictObject({
  require: z
    .enum(['better', 'nonInferior'])
    .default('nonInferior')
    .describe('than the champion: better, or no worse than by the margin'),
  margin: z.number().min(0).default(0.01).describe('largest loss of the metric that counts as not inferior'),
  maxSliceLoss: z
    .number()
    .min(0)
    .default(0.02)
    .describe('of the metric, in any slice with enough test rows (queries, users)'),
  minSliceSupport: z
    .int()
    .positive()
    .default(200)
    .describe('test rows from which on a slice may refuse a model'),
  slices: z
    .record(
      z.string(),
      z.strictObject({
        maxLoss: z.number().min(0).optional().describe('instead of maxSliceLoss'),
        minSupport: z.int().positive().optional().describe('instead of minSliceSupport'),
        minimum: z.number().optional().describe('least value of the metric in this slice, champion or not'),
      }),
    )
    .default({})
    .describe('thresholds of single slices, named as in the report: `category = Rugs`, `target = refund`'),
  minRows: z.int().positive().default(30).describe('test rows to compare on'),
  maxCalibrationError: Share.default(1).describe('largest expected calibration error (15 bins)'),
  calibrationRatio: z
    .tuple([z.number().positive(), z.number().positive()])
    .optional()
    .describe('ctr: least and largest mean prediction over empirical rate, such as [0.95, 1.05]'),
  minEffectiveSampleSize: Share.default(0.2).describe(
    'least effective sample size of the weights, as a share of n',
  ),
  approval: z
    .enum(['none', 'required'])
    .default('none')
    .describe('required: a model that passed waits for a person (`assay approve`)'),
});
export type GateConfig = z.infer<typeof GateConfig>;

export const RegisterConfig = z.strictObject({
  enabled: z.boolean().default(true).describe('false: the model stays an artifact of its run'),
  name: NameConfig.optional().describe("of the model; default: the run's name"),
});
export type RegisterConfig = z.infer<typeof RegisterConfig>;
