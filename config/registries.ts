import type { z } from 'zod';

/** Something that a config names, and the parameters it takes (any, where it says nothing). */
export interface Named {
  readonly name: string;
  readonly paramsSchema?: z.ZodType;
}

/** What a config may name. */
export interface Registries {
  readonly tasks: readonly Named[];
  readonly models: readonly Named[];
  readonly estimators: readonly Named[];
  readonly policies: readonly Named[];
  readonly metrics: readonly Named[];
  readonly datasets: readonly Named[];
}

const named = (...names: string[]): Named[] => names.map((name) => ({ name }));

/** Everything that this build of Assay knows. */
export const registries: Registries = {
  tasks: named('classification'),
  models: named('linear'),
  estimators: named('pvi', 'entropy_ig', 'self_confidence', 'loss', 'uniform', 'random'),
  policies: named(
    'clip',
    'softmax',
    'rank',
    'filter',
    'confident_learning',
    'noise_posterior',
    'class_balanced',
    'uniform',
  ),
  metrics: named('accuracy', 'f1_macro', 'log_loss'),
  datasets: named('catalogue'),
};
