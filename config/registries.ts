import type { z } from 'zod';
import {
  EVIDENCE_OF_RUNS,
  estimators,
  missingInRuns,
  type ImportanceEstimator,
} from '../core/importance/index.js';
import { metrics } from '../core/metrics/index.js';
import { tasks } from '../core/tasks/index.js';
import { policies } from '../core/weighting/index.js';
import { datasets } from '../datasets/index.js';
import { models } from '../models/index.js';

/** Something that a config names, and the parameters it takes (any, where it says nothing). */
export interface Named {
  readonly name: string;
  readonly paramsSchema?: z.ZodType;
  /** Why a run can't use it, although the library can. */
  readonly refusal?: string;
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
  estimators: estimators.map(forRuns),
  policies,
  // Weighted twins (`accuracy[sample_weight]`) are reported, never chosen by.
  metrics: metrics.filter(({ name }) => !name.includes('[')),
  datasets,
};

/** The estimator, with a refusal where a run doesn't make the evidence that it requires. */
function forRuns(estimator: ImportanceEstimator): Named {
  const missing = missingInRuns(estimator);
  if (missing.length === 0) return estimator;
  const usable = estimators.filter((each) => missingInRuns(each).length === 0).map(({ name }) => name);
  return {
    ...estimator,
    refusal:
      `${estimator.name} needs ${missing.join(', ')}, and a run makes ${EVIDENCE_OF_RUNS.join(', ')} only ` +
      `(the library takes all kinds); a run can use: ${usable.join(', ')}`,
  };
}
