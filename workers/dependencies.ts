import type { StageCache } from '../activities/runner.js';
import type { EngineChoice, EngineInfo } from '../contracts/engine.js';
import { ConfigError } from '../contracts/errors.js';
import type { StageContext } from '../contracts/store.js';
import { openArtifacts } from '../storage/artifacts.js';
import { createStageContexts, type JobHooks } from '../storage/context.js';
import { openStore } from '../storage/open.js';
import { openFinishedStages, stageKey } from '../storage/stageCache.js';
import { findSpark } from '../infra/spark/find.js';
import { openEngines } from './engines.js';
import { engineInfo } from './engineSettings.js';
import type { TrainerSettings } from './protocol.js';

/** Makes the context of each job of a trainer child; what was read for one is there for the next. */
export type ContextFactory = (stageKey: string, hooks: JobHooks) => StageContext;

/** Opens the store for a trainer child. */
export async function openContexts(settings: TrainerSettings): Promise<ContextFactory> {
  const { storeUri, scratchDirectory, checkpointIntervalMs, engine, tableMemory } = settings;
  const options = {
    ...{ scratchDirectory, checkpointIntervalMs, findSpark: () => findSpark(process.env) },
    ...(tableMemory ? { tableMemory } : {}),
  };
  const store = await openStore(storeUri);
  return createStageContexts(store, engine ? { ...options, engine: openEngines(engine) } : options);
}

/**
 * The stage cache of the store, keyed with the build's code versions, by stage name (and `engine`).
 *
 * @param tellEngine told of every engine when it is first needed
 */
export async function openStageCache(
  settings: TrainerSettings,
  codeVersions: Readonly<Record<string, string>>,
  tellEngine: (info: EngineInfo) => void = () => undefined,
): Promise<StageCache> {
  const told = new Set<string>();
  const versionOf = (name: string): string => {
    const version = codeVersions[name];
    if (version === undefined)
      throw new ConfigError(`stage ${name} has no code version: type \`npm run build\``);
    return version;
  };
  /** What decides the bytes of networks beside the stage's own code. */
  const engineKey = (choice: EngineChoice) => {
    if (!settings.engine)
      throw new ConfigError('a network is to be trained, and this worker was given no engine');
    const info = engineInfo(choice, settings.engine);
    if (!told.has(info.name)) tellEngine(info);
    told.add(info.name);
    return { ...info, codeVersion: versionOf('engine') };
  };
  const store = await openStore(settings.storeUri);
  const { scratchDirectory } = settings;
  const finished = openFinishedStages(store, openArtifacts(store, { scratchDirectory }));
  return {
    key: ({ stage, seed, inputs }, params, engine) => {
      const codeVersion = versionOf(stage);
      const parts = { stage, codeVersion, params, inputs, seed };
      return {
        codeVersion,
        stageKey: stageKey(engine ? { ...parts, extra: { engine: engineKey(engine) } } : parts),
      };
    },
    lookup: (stage, key) => finished.lookup(stage, key),
    record: (entry) => finished.record(entry),
  };
}
