import { z } from 'zod';
import { BudgetConfig, PriorityConfig } from '../contracts/budget.js';
import { KnowledgeConfig } from '../contracts/knowledge.js';
import { NotifyTarget } from '../contracts/notify.js';
import { ScheduleConfig } from '../contracts/schedule.js';
import { TuneConfig } from '../contracts/tune.js';
import { AugmentConfig, FeaturesConfig } from '../contracts/featureSettings.js';
import { ImportanceConfig } from '../contracts/importanceSettings.js';
import {
  DatasetConfig,
  TrainingConfig,
  PretrainConfig,
  CleanConfig,
  LoopConfig,
  NameConfig,
  AnalyseConfig,
  GateConfig,
  TaskChoice,
  RegisterConfig,
} from '../contracts/settings.js';

/** assay.yaml, whole. */
export const RunConfig = z.strictObject({
  name: NameConfig,
  task: TaskChoice.default('classification'),
  seed: z.int().nonnegative().default(42),
  dataset: DatasetConfig,
  clean: CleanConfig.prefault({}),
  knowledge: KnowledgeConfig.optional().describe(
    'what people know: rules and a graph of facts, as features, as checks, and for the policy rule_agreement',
  ),
  features: FeaturesConfig.prefault({}),
  profile: z
    .strictObject({
      enabled: z
        .boolean()
        .default(true)
        .describe('distributions of every column, and drift against the data of the champion'),
    })
    .prefault({}),
  augment: AugmentConfig.optional().describe(
    'altered copies of training rows, beside them wherever they train and nowhere else',
  ),
  model: z
    .object({
      name: z.string(),
      from: z
        .string()
        .optional()
        .describe(
          'transformer: folder of a BERT checkpoint (model.safetensors, config.json, vocab.txt) to start from',
        ),
    })
    .catchall(z.json())
    .default({ name: 'linear' }),
  pretrain: PretrainConfig.optional().describe(
    'transformer: learn from text alone first, by guessing masked tokens',
  ),
  training: TrainingConfig.prefault({}),
  tune: TuneConfig.optional().describe(
    'search settings of the model before the loop: training rows only, out of fold, each trial at its own best strength',
  ),
  importance: ImportanceConfig.prefault({}),
  loop: LoopConfig.prefault({}),
  budget: BudgetConfig.prefault({}),
  priority: PriorityConfig.prefault({}),
  crossValidate: z.strictObject({ folds: z.int().min(0).default(5).describe('0: none') }).prefault({}),
  analyse: AnalyseConfig.prefault({}),
  gate: GateConfig.prefault({}),
  register: RegisterConfig.prefault({}),
  notify: z.array(NotifyTarget).optional().describe('who is told what becomes of a run'),
  schedule: ScheduleConfig.optional().describe(
    'when `assay schedule create` starts it by itself; `assay run` takes no notice',
  ),
  report: z.strictObject({ examples: z.int().nonnegative().default(20) }).prefault({}),
});
export type RunConfig = z.infer<typeof RunConfig>;
export type RunConfigInput = z.input<typeof RunConfig>;

/** For TypeScript users: `export const run = defineRun({...})`. */
export const defineRun = (config: RunConfigInput): RunConfigInput => config;
