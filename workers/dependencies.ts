import type { StageCache } from '../activities/runner.js';
import { ConfigError } from '../contracts/errors.js';
import type { StageContext } from '../contracts/store.js';
import { openArtifacts } from '../storage/artifacts.js';
import { createStageContexts, type JobHooks } from '../storage/context.js';
import { openStore } from '../storage/open.js';
import { openFinishedStages, stageKey } from '../storage/stageCache.js';
import type { TrainerSettings } from './protocol.js';

/** Makes the context of each job of a trainer child; what was read for one is there for the next. */
export type ContextFactory = (stageKey: string, hooks: JobHooks) => StageContext;

/** Opens the store for a trainer child. */
export async function openContexts(settings: TrainerSettings): Promise<ContextFactory> {
  const { storeUri, scratchDirectory, checkpointIntervalMs } = settings;
  return createStageContexts(await openStore(storeUri), { scratchDirectory, checkpointIntervalMs });
}

/** The stage cache of the store, keyed with the build's code versions, by stage name. */
export async function openStageCache(
  settings: TrainerSettings,
  codeVersions: Readonly<Record<string, string>>,
): Promise<StageCache> {
  const store = await openStore(settings.storeUri);
  const { scratchDirectory } = settings;
  const finished = openFinishedStages(store, openArtifacts(store, { scratchDirectory }));
  return {
    key: ({ stage, seed, inputs }, params) => {
      const codeVersion = codeVersions[stage];
      if (codeVersion === undefined) {
        throw new ConfigError(`stage ${stage} has no code version: type \`npm run build\``);
      }
      return { codeVersion, stageKey: stageKey({ stage, codeVersion, params, inputs, seed }) };
    },
    lookup: (stage, key) => finished.lookup(stage, key),
    record: (entry) => finished.record(entry),
  };
}
