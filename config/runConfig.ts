import { z } from 'zod';
import { BudgetConfig, PriorityConfig } from '../contracts/budget.js';
import { DataEngine } from '../contracts/dataEngine.js';
import { KnowledgeConfig } from '../contracts/knowledge.js';
import { NotifyTarget } from '../contracts/notify.js';
import { ScheduleConfig } from '../contracts/schedule.js';
import { TuneConfig } from '../contracts/tune.js';
import { AugmentConfig, FeaturesConfig } from '../contracts/featureSettings.js';
import { ImportanceConfig } from '../contracts/importanceSettings.js';
import { GateConfig, RegisterConfig } from '../contracts/gateSettings.js';
import {
  DatasetConfig,
  TrainingConfig,
  PretrainConfig,
  CleanConfig,
  LoopConfig,
  NameConfig,
  AnalyseConfig,
  TaskChoice,
} from '../contracts/settings.js';

/** assay.yaml, whole. */
export const RunConfig = z.strictObject({
  name: NameConfig,
  task: TaskChoice.default('classification').describe('what is learned'),
  seed: z.int().nonnegative().default(42).describe('of all that is drawn: the same seed, the same bytes'),
  dataset: DatasetConfig.describe('the rows, and what their columns are'),
  dataEngine: DataEngine.optional().describe(
    'what works on tables: duckdb, on the worker itself, where left out; spark, or {name: spark, …}: the same rows (docs/spark.md)',
  ),
  clean: CleanConfig.prefault({}).describe('what is mended, and what goes to the quarantine'),
  knowledge: KnowledgeConfig.optional().describe(
    'what people know: rules and a graph of facts, as features, as checks, and for the policy rule_agreement',
  ),
  features: FeaturesConfig.prefault({}).describe('what models are given of a row'),
  profile: z
    .strictObject({
      enabled: z
        .boolean()
        .default(true)
        .describe('distributions of every column, and drift against the data of the champion'),
    })
    .prefault({})
    .describe('what the data look like'),
  augment: AugmentConfig.optional().describe(
    'altered copies of training rows, beside them wherever they train and nowhere else',
  ),
  model: z
    .object({
      name: z.string().describe('linear, trees, factorization, mlp, lstm or transformer'),
      from: z
        .string()
        .optional()
        .describe(
          'transformer: folder of a BERT checkpoint (model.safetensors, config.json, vocab.txt) to start from',
        ),
    })
    .catchall(z.json())
    .default({ name: 'linear' })
    .describe('what learns; its other settings are below, by name'),
  pretrain: PretrainConfig.optional().describe(
    'transformer: learn from text alone first, by guessing masked tokens',
  ),
  training: TrainingConfig.prefault({}).describe('where and how models are fitted'),
  tune: TuneConfig.optional().describe(
    'search settings of the model before the loop: training rows only, out of fold, each trial at its own best strength',
  ),
  importance: ImportanceConfig.prefault({}).describe('what each training sample is worth'),
  loop: LoopConfig.prefault({}).describe('rounds of weights that must beat the uniform model'),
  budget: BudgetConfig.prefault({}),
  priority: PriorityConfig.prefault({}).describe('beside other runs'),
  crossValidate: z
    .strictObject({ folds: z.int().min(0).default(5).describe('0: none') })
    .prefault({})
    .describe('of the whole way from weights to model, over the training rows'),
  analyse: AnalyseConfig.prefault({}).describe('how the test rows are judged'),
  gate: GateConfig.prefault({}).describe('what a model must show before it replaces the champion'),
  register: RegisterConfig.prefault({}).describe('whether and as what the model is kept'),
  notify: z.array(NotifyTarget).optional().describe('who is told what becomes of a run'),
  schedule: ScheduleConfig.optional().describe(
    'when `assay schedule create` starts it by itself; `assay run` takes no notice',
  ),
  report: z
    .strictObject({
      examples: z.int().nonnegative().default(20).describe('samples that a list of them shows'),
    })
    .prefault({})
    .describe('what the page of a run shows'),
});
export type RunConfig = z.infer<typeof RunConfig>;
export type RunConfigInput = z.input<typeof RunConfig>;

/** For TypeScript users: `export const run = defineRun({...})`. */
export const defineRun = (config: RunConfigInput): RunConfigInput => config;
