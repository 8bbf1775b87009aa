import type { StageResult } from '../../contracts/stage.js';
import type { StageContext } from '../../contracts/store.js';
import { stages } from '../../activities/stages.js';
import type { Stage } from '../../activities/stage.js';
import type { RunState } from '../../workflows/progress.js';
import type { Shard, StageRunner } from '../../workflows/stages.js';

/** Fake StageRunner: real stages, run one after the other in this process, without Temporal. */
export function inProcessRunner(context: () => StageContext, done: RunState['done'] = {}) {
  const asked: Shard[] = [];
  const results = new Map<string, StageResult>();
  const runner: StageRunner = {
    async run(_path, shardsOf) {
      const found: StageResult[] = [];
      for (const shard of shardsOf()) {
        asked.push(shard);
        const stage = (stages as readonly Stage[]).find(({ name }) => name === shard.stage)!;
        const params = stage.paramsSchema.parse(JSON.parse(JSON.stringify(shard.params)));
        const output = await stage.run(
          { path: shard.path, seed: shard.seed, params, inputs: shard.inputs },
          context(),
        );
        const result = { ...output, stageKey: '0'.repeat(64), cached: false };
        results.set(shard.path, result);
        done[shard.path] = {
          request: JSON.stringify([shard.stage, shard.seed, shard.params, shard.inputs]),
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
