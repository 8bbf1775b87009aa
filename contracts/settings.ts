import { z } from 'zod';
import { Budget } from './budget.js';
import { EngineChoice } from './engine.js';
import { JoinConfig } from './joinSettings.js';
import { Share, SplitConfig } from './splitSettings.js';

/** What is learned: the name of a task, or that with what the task takes beside it. */
export const TaskChoice = z.union([
  z.string(),
  z
    .object({ name: z.string().describe('classification, ranking, ctr or recommendation') })
    .catchall(z.json()),
]);
export type TaskChoice = z.infer<typeof TaskChoice>;

export const taskName = (choice: TaskChoice): string => (typeof choice === 'string' ? choice : choice.name);

/** Of a run, and of a model. */
export const NameConfig = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_.-]{0,62}$/, 'lower-case letters, digits, "_", "." and "-"; at most 63')
  .describe('of the runs: their ids are train/NAME/TIME');

/** Which column plays which part. A column plays one part; only the group may be a category that is learned from, too. */
export const Columns = z.strictObject({
  id: z.string().optional().describe('stable id of a sample; without it, a hash of the row'),
  target: z.string().describe('what is learned'),
  text: z.array(z.string()).default([]).describe('free text: words and characters become TF-IDF features'),
  attributes: z.array(z.string()).default([]).describe('"key: value; key: value" lists: a bag of pairs'),
  numeric: z.array(z.string()).default([]).describe('numbers'),
  categorical: z.array(z.string()).default([]).describe('one value of a few a row, or ids'),
  vectors: z
    .record(z.string(), z.int().positive().max(8192))
    .optional()
    .describe(
      'name: width; lists of numbers that another model made of images or texts (Parquet list<float>, JSON lists)',
    ),
  group: z
    .string()
    .optional()
    .describe('rows of one group (query, user, cluster) stay on one side of every split and fold'),
  time: z.string().optional().describe('event time (ISO 8601 or epoch milliseconds)'),
  split: z.string().optional().describe('the split that the data bring, for split.by: column'),
  propensity: z
    .string()
    .optional()
    .describe(
      'chance that the row was logged, in (0, 1]: a training row counts for 1 over it, beside its importance weight',
    ),
});
export type Columns = z.infer<typeof Columns>;

/** What the data must be like; a broken contract blocks the run. */
export const ColumnContract = z.strictObject({
  min: z.number().optional().describe('least number in the column'),
  max: z.number().optional().describe('largest number in the column'),
  allowed: z.array(z.string()).optional().describe('the only values that it may have'),
  maxMissing: Share.optional().describe('largest share of missing values'),
});
export type ColumnContract = z.infer<typeof ColumnContract>;

export const DatasetConfig = z.strictObject({
  source: z
    .union([z.string(), z.array(z.string()).min(1)])
    .describe('path, glob, file:// or s3:// URI; `builtin:NAME` for a built-in set'),
  format: z.enum(['csv', 'tsv', 'jsonl', 'parquet']).optional().describe('by the file name where left out'),
  encoding: z.enum(['utf-8', 'latin1']).default('utf-8').describe('of text files'),
  columns: Columns.describe(
    'which column plays which part; a column plays one, but the group may be a category too',
  ),
  joins: z.array(JoinConfig).optional().describe('tables whose columns rows get, one after the other'),
  split: SplitConfig.default({ by: 'hash', shares: [0.7, 0.15, 0.15] }).describe(
    'how rows get their side: training, validation or test',
  ),
  duplicateIds: z
    .enum(['error', 'quarantine', 'newest'])
    .default('quarantine')
    .describe(
      'rows whose id was there before: block the run, are put aside, or the newest by columns.time stays',
    ),
  contract: z
    .record(z.string(), ColumnContract)
    .default({})
    .describe('what columns must be like, by name; where they are not, the run blocks'),
  maxUnreadable: Share.default(0.05).describe('share of rows that may be unreadable before the run blocks'),
  plantNoise: z
    .strictObject({
      rate: Share.describe('share of the targets that are flipped'),
      kind: z
        .enum(['uniform', 'pair'])
        .default('uniform')
        .describe('uniform: to any other class; pair: each class to one other'),
      seed: z.int().nonnegative().default(42).describe('draws which'),
    })
    .optional()
    .describe(
      'experiments with built-in sets only: flips targets of train and validation; the truth is kept aside',
    ),
});
export type DatasetConfig = z.infer<typeof DatasetConfig>;

export const OutlierRule = z.strictObject({
  column: z.string().describe('a numeric column'),
  method: z
    .enum(['iqr', 'mad', 'quantile'])
    .default('iqr')
    .describe('from what an outlier is far: the quartiles, the median, or in the tails of the training rows'),
  factor: z
    .number()
    .positive()
    .default(3)
    .describe('iqr: times the interquartile range; mad: times the scaled MAD; quantile: tail share'),
  action: z
    .enum(['drop', 'clip'])
    .default('drop')
    .describe('drop: the row goes to the quarantine; clip: the number becomes the limit'),
});
export const Predicate = z.strictObject({
  column: z.string().describe('whose cell is looked at'),
  op: z
    .enum(['equals', 'notEquals', 'contains', 'matches', 'lessThan', 'greaterThan', 'missing'])
    .describe('how it is compared; matches: a regular expression'),
  value: z.union([z.string(), z.number()]).optional().describe('what it is compared with; not for missing'),
});

export const CleanConfig = z.strictObject({
  missing: z
    .record(z.string(), z.enum(['drop', 'impute', 'keep']))
    .default({})
    .describe(
      'per column; target is always drop; impute: median or most frequent value of the training rows',
    ),
  outliers: z.array(OutlierRule).default([]).describe('numbers that are too far from the others'),
  irrelevant: z.array(Predicate).default([]).describe('rows for which any predicate holds are dropped'),
  minTextLength: z
    .int()
    .nonnegative()
    .default(1)
    .describe('characters in all text columns together, after trimming'),
  exactDuplicates: z
    .enum(['drop', 'keep'])
    .default('drop')
    .describe('same features and same target, within the training split'),
  nearDuplicates: z
    .strictObject({
      threshold: Share.default(0.9).describe('Jaccard similarity of character 5-grams'),
      enabled: z.boolean().default(true).describe('false: they are not looked for'),
    })
    .default({ threshold: 0.9, enabled: true })
    .describe(
      'clusters of near-duplicate texts: kept, but never on two sides of a fold, and weighted together',
    ),
});
export type CleanConfig = z.infer<typeof CleanConfig>;

export const PretrainConfig = z.strictObject({
  source: z
    .union([z.string(), z.array(z.string()).min(1)])
    .optional()
    .describe(
      'text beside the training texts: a table, or .txt with a text a line; paths as for dataset.source',
    ),
  column: z.string().default('text').describe('of tables: which column holds the text'),
  trainingTexts: z.boolean().default(true).describe('the texts of the training rows, without their targets'),
  epochs: z.int().positive().default(10).describe('passes over the texts'),
  maskShare: Share.gt(0)
    .default(0.15)
    .describe('share of the tokens that are guessed; drawn anew in every epoch'),
  heldOut: Share.gt(0).lt(1).default(0.05).describe('share of the texts that the perplexity is measured on'),
  learningRate: z.number().positive().default(5e-4).describe('at its peak, after a tenth of all steps'),
  batchSize: z.int().positive().default(32).describe('texts a step'),
});
export type PretrainConfig = z.infer<typeof PretrainConfig>;

export const TrainingConfig = z.strictObject({
  propensityFloor: Share.default(0).describe(
    'smallest chance of dataset.columns.propensity that is believed: bounds the weight of a row by 1 over it',
  ),
  engine: EngineChoice.default('auto').describe(
    'of networks; native: TensorFlow, wasm: the same, slower, on any machine; auto: native where a worker has it',
  ),
  device: z
    .enum(['auto', 'cpu', 'gpu'])
    .default('auto')
    .describe('of networks; auto: the GPU where a worker of role gpu serves the queue assay-gpu'),
});
export type TrainingConfig = z.infer<typeof TrainingConfig>;

export const LoopConfig = z.strictObject({
  policies: z
    .array(z.string())
    .default(['clip', 'confident_learning', 'noise_posterior'])
    .describe('beside uniform, always a candidate'),
  strengths: z
    .array(z.number().positive())
    .min(1)
    .optional()
    .describe("grid of the model's own regularisation; default: the model's"),
  outerFolds: z
    .int()
    .min(2)
    .default(3)
    .describe('of the training rows: candidates are compared on rows that neither weights nor models saw'),
  maxRounds: z.int().min(0).default(3).describe('0: uniform only'),
  patience: z.int().min(1).default(1).describe('rounds without acceptance before it stops'),
  flips: z.int().min(99).default(2000).describe('random sign flips of the paired test'),
  alpha: z
    .number()
    .gt(0)
    .lt(1)
    .default(0.05)
    .describe('level of that test, over all candidates of a round together'),
  metric: z.string().optional().describe('accuracy, or f1_macro where classes are unbalanced, by default'),
  minEffectiveSampleSize: Share.default(0.3).describe(
    'share of n; weights are mixed with uniform to meet it',
  ),
  duplicateCap: z.number().positive().default(1).describe('largest total weight of a near-duplicate cluster'),
  budgetMinutes: z.number().positive().optional().describe('the same as budget.hours, in minutes'),
  budget: Budget.optional().describe("of the loop alone; costPerHour: the run's where left out"),
  sliceBoosts: z
    .strictObject({
      enabled: z.boolean().default(true).describe('false: no slice is raised'),
      factor: z.number().gt(1).max(1.25).default(1.25).describe('of the weight, a round; at most ×2 in all'),
      maxLoss: Share.default(0.003).describe('largest loss of the metric over all rows'),
      minSupport: z.int().positive().default(200).describe('training rows that a slice must have'),
      maxNoiseRate: Share.default(0.25).describe(
        'slices with a higher estimated share of wrong labels are to be relabelled, never boosted',
      ),
    })
    .prefault({})
    .describe(
      'from round 2 on, where fresh scores are not accepted: the slice with the highest trusted error weighs more, if that ' +
        'wins inside the slice',
    ),
});
export type LoopConfig = z.infer<typeof LoopConfig>;

const CounterfactualConfig = z.strictObject({
  target: z
    .union([z.string(), z.number().gt(0).max(1)])
    .describe(
      'chance that the policy that is asked about makes the choice of the row: a column, or one number for all rows (1/n where it draws one of n)',
    ),
  limit: z
    .number()
    .positive()
    .default(10)
    .describe('largest weight target / propensity of a row in the clipped estimate'),
});
export type CounterfactualConfig = z.infer<typeof CounterfactualConfig>;

export const AnalyseConfig = z.strictObject({
  outOfScope: z
    .string()
    .optional()
    .describe(
      'value of the target of rows that belong to no class; never trained on: how well they are told by low confidence, the threshold from validation rows',
    ),
  bootstraps: z.int().min(100).default(1000).describe('resamplings of the test rows behind each interval'),
  counterfactual: CounterfactualConfig.optional().describe(
    'ctr with dataset.columns.propensity: what another policy would have earned on the test rows, by IPS, clipped IPS and SNIPS',
  ),
  slices: z
    .strictObject({
      columns: z
        .array(z.string())
        .optional()
        .describe('whose values are slices; all of categorical, numeric and text where left out'),
      minSupport: z.int().positive().default(30).describe('test rows that a slice must have'),
      pairs: z.boolean().default(true).describe('values of two columns together are slices, too'),
    })
    .default({ minSupport: 30, pairs: true })
    .describe('groups of test rows that are judged by themselves'),
});
export type AnalyseConfig = z.infer<typeof AnalyseConfig>;
