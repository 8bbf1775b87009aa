import type { z } from 'zod';
import { estimators } from '../core/importance/index.js';
import { metrics } from '../core/metrics/index.js';
import { tasks } from '../core/tasks/index.js';
import { policies } from '../core/weighting/index.js';
import { datasets } from '../datasets/index.js';
import { models } from '../models/index.js';

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

/** Everything that this build of Assay knows. */
export const registries: Registries = {
  tasks,
  models,
  estimators,
  policies,
  // Weighted twins (`accuracy[sample_weight]`) are reported, never chosen by.
  metrics: metrics.filter(({ name }) => !name.includes('[')),
  datasets,
};
