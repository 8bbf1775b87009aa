import { ConfigError } from '../contracts/errors.js';
import { openArtifacts } from '../storage/artifacts.js';
import { openStore } from '../storage/open.js';
import { openFinishedStages } from '../storage/stageCache.js';
import { workerConfiguration } from '../workers/configuration.js';
import { openStageCache } from '../workers/dependencies.js';
import { findEngines } from '../workers/engines.js';
import type { Directories } from './directories.js';
import type { PlanCache } from './retryPlan.js';

/**
 * The cache of stages as a worker of this machine would see it.
 *
 * @param device where the run computes its networks
 */
export async function openPlanCache({ root }: Directories, device: 'cpu' | 'gpu'): Promise<PlanCache> {
  const configuration = workerConfiguration({ roles: ['cpu'], directory: root }, process.env);
  const { trainer, codeVersions, engineThreads, environment } = configuration;
  const engine = await findEngines(device, engineThreads, environment).catch((error: unknown) => {
    if (device === 'gpu' && error instanceof ConfigError)
      return findEngines('cpu', engineThreads, environment);
    throw error;
  });
  const keys = await openStageCache({ ...trainer, engine }, codeVersions);
  const store = await openStore(trainer.storeUri);
  const { scratchDirectory } = trainer;
  const finished = openFinishedStages(store, openArtifacts(store, { scratchDirectory }));
  return {
    key: (request, stage, asked) => {
      const params = stage.paramsSchema.parse(asked);
      return keys.key(request, params, stage.engine?.(params));
    },
    lookup: (stage, key) => finished.lookup(stage, key),
    entry: (stage, key) => finished.entry(stage, key),
  };
}
