import { isLocal, sparkSettings } from '../contracts/dataEngine.js';
import { foreignRules } from '../core/cleaning/planSql.js';
import type { ConfigIssue } from './issues.js';
import type { RunConfig } from './runConfig.js';

/** What Spark needs, and what it can't do row for row as the worker's own database does. */
export function engineNeeds({ dataEngine, clean, dataset }: RunConfig): ConfigIssue[] {
  const settings = sparkSettings(dataEngine);
  if (!settings) return [];
  const issues = foreignRules(clean).map(({ index, why }): ConfigIssue => ({
    path: ['clean', 'irrelevant', index, 'value'],
    message: why,
  }));
  if (dataset.split.by === 'stratified' && dataset.columns.group !== undefined) {
    const message =
      'dataEngine spark does not split stratified with groups; take hash, which keeps groups together, too';
    issues.push({ path: ['dataset', 'split', 'by'], message });
  }
  if (isLocal(settings)) {
    for (const name of ['executors', 'executorCores', 'executorMemory'] as const) {
      if (settings[name] === undefined) continue;
      const message = 'where Spark is local, everything is in the driver: set driverMemory and local[CORES]';
      issues.push({ path: ['dataEngine', name], message });
    }
  } else if (settings.directory === undefined) {
    const message = `master ${settings.master} needs dataEngine.directory: a folder that the worker and all executors see at one path`;
    issues.push({ path: ['dataEngine', 'master'], message });
  }
  return issues;
}
