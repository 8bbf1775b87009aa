import type { CacheEntry, StageResult } from '../../contracts/stage.js';
import type { StageContext } from '../../contracts/store.js';
import { stages } from '../../activities/stages.js';
import type { Stage } from '../../activities/stage.js';
import { fingerprint } from '../../workflows/fingerprint.js';
import type { RunState } from '../../workflows/progress.js';
import type { Shard } from '../../workflows/shards.js';
import type { StageRunner } from '../../workflows/stages.js';

/** Fake StageRunner: real stages, run one after the other in this process, without Temporal. */
export function inProcessRunner(
  context: () => StageContext,
  done: RunState['done'] = {},
  record: (entry: CacheEntry) => Promise<void> = () => Promise.resolve(),
) {
  const asked: Shard[] = [];
  const results = new Map<string, StageResult>();
  const entries = new Map<string, CacheEntry>(); // by stage key
  const runner: StageRunner = {
    async run(_path, shardsOf) {
      const found: StageResult[] = [];
      for (const shard of shardsOf()) {
        asked.push(shard);
        const stage = (stages as readonly Stage[]).find(({ name }) => name === shard.stage)!;
        const params = stage.paramsSchema.parse(JSON.parse(JSON.stringify(shard.params)));
        const finished = (_: string, key: string) => Promise.resolve(entries.get(key));
        const { path, seed, inputs } = shard;
        const output = await stage.run({ path, seed, params, inputs }, { ...context(), finished });
        const stageKey = (entries.size + 1).toString(16).padStart(64, '0');
        const result = { ...output, stageKey, cached: false };
        const entry: CacheEntry = {
          ...{ formatVersion: 1, stageKey, stage: stage.name, codeVersion: 'fake', seed, inputs },
          params: JSON.parse(JSON.stringify(shard.params)) as CacheEntry['params'],
          ...output,
        };
        entries.set(stageKey, entry);
        await record(entry);
        results.set(shard.path, result);
        done[path] = {
          request: fingerprint(JSON.stringify([stage.name, seed, shard.params, inputs])),
          stage: stage.name,
          result,
        };
        found.push(result);
      }
      return found;
    },
    show: () => undefined,
  };
  return { runner, asked, results };
}
