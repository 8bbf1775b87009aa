import type { StageCache } from '../activities/runner.js';
import type { Progress } from '../contracts/stage.js';
import type { StageContext, CheckpointSlot } from '../contracts/store.js';
import type { Checkpoint } from '../contracts/model.js';
import { openArtifacts } from '../storage/artifacts.js';
import { canonicalJson, sha256 } from '../storage/hash.js';
import { openStore } from '../storage/open.js';
import type { TrainerSettings } from './protocol.js';
import { CacheEntry } from '../contracts/stage.js';

/** What a job wants to hear of and to be stopped by. */
export interface JobHooks {
  readonly signal: AbortSignal;
  readonly progress: (progress: Progress) => void;
  readonly checkpointSaved: (position: number) => void;
}

/** Makes the context of each job; what was read for one is there for the next. */
export interface ContextFactory {
  contextFor(stageKey: string, hooks: JobHooks): StageContext;
}

/** Opens the store for a trainer child. */
export async function openContexts(settings: TrainerSettings): Promise<ContextFactory> {
  const store = await openStore(settings.storeUri);
  const artifacts = openArtifacts(store, { scratchDirectory: settings.scratchDirectory });
  return {
    contextFor: (stageKey, hooks) => {
      const slot: CheckpointSlot = {
        load: async () => {
          const key = `checkpoints/${stageKey}.json`;
          if ((await store.head(key)) === undefined) return undefined;
          return JSON.parse(new TextDecoder().decode(await store.get(key))) as Checkpoint;
        },
        save: async (checkpoint) => {
          await store.put(`checkpoints/${stageKey}.json`, Buffer.from(JSON.stringify(checkpoint)));
        },
      };
      return {
        artifacts,
        checkpoints: announced(slot, hooks),
        checkpointIntervalMs: settings.checkpointIntervalMs,
        progress: hooks.progress,
        signal: hooks.signal,
        openTestSet: () => Promise.resolve(1),
        memo: (_key, load) => load(),
        sources: { resolve: () => Promise.resolve([]) },
      };
    },
  };
}

/** Names a checkpoint only once it is in the store. */
function announced(slot: CheckpointSlot, hooks: JobHooks): CheckpointSlot {
  return {
    load: () => slot.load(),
    save: async (checkpoint) => {
      await slot.save(checkpoint);
      hooks.checkpointSaved(checkpoint.position);
    },
  };
}

/** The stage cache of a store, keyed with the build's code versions. */
export async function openStageCache(
  storeUri: string,
  codeVersions: Readonly<Record<string, string>>,
): Promise<StageCache> {
  const store = await openStore(storeUri);
  return {
    key: (request, params) => {
      const codeVersion = codeVersions[request.stage] ?? '';
      const { stage, seed, inputs } = request;
      return { codeVersion, stageKey: sha256(canonicalJson({ stage, seed, inputs, params, codeVersion })) };
    },
    lookup: async (stage, stageKey) => {
      const key = `cache/${stage.toLowerCase()}/${stageKey}.json`;
      if ((await store.head(key)) === undefined) return undefined;
      return CacheEntry.parse(JSON.parse(new TextDecoder().decode(await store.get(key))));
    },
    record: async (entry) => {
      await store.put(
        `cache/${entry.stage.toLowerCase()}/${entry.stageKey}.json`,
        Buffer.from(JSON.stringify(entry)),
      );
    },
  };
}
