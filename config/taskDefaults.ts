import { taskName } from '../contracts/settings.js';
import { taskNamed } from '../core/tasks/index.js';
import type { RunConfig } from './runConfig.js';

/**
 * What the task would have where nothing is said: its estimator; and where targets are random by nature, weights of whole
 * sources or none, and no hunt for duplicates, since the same thing is shown again and again.
 *
 * @param value the configuration as it was written
 */
export function withTaskDefaults(config: RunConfig, value: unknown): RunConfig {
  const task = taskNamed(taskName(config.task));
  if (!task) return config; // told of elsewhere
  const isSaid = (...path: readonly string[]): boolean => said(value, path);
  const { importance, loop, clean } = config;
  const named = isSaid('importance', 'estimator') ? importance : { ...importance, estimator: task.estimator };
  if (!task.aleatoric) return { ...config, importance: named };
  const bySource = importance.source === undefined ? [] : ['source_trust'];
  const policies = isSaid('loop', 'policies') ? loop.policies : bySource;
  return {
    ...config,
    importance: named,
    loop: { ...loop, policies, ...(policies.length === 0 ? { maxRounds: 0 } : {}) },
    clean: {
      ...clean,
      ...(isSaid('clean', 'exactDuplicates') ? {} : { exactDuplicates: 'keep' }),
      ...(isSaid('clean', 'nearDuplicates')
        ? {}
        : { nearDuplicates: { ...clean.nearDuplicates, enabled: false } }),
    },
  };
}

function said(value: unknown, [key, ...rest]: readonly string[]): boolean {
  if (key === undefined) return true;
  return typeof value === 'object' && value !== null && key in value
    ? said((value as Record<string, unknown>)[key], rest)
    : false;
}
