import { createHash } from 'node:crypto';
import type { Stage } from '../activities/stage.js';
import { stages } from '../activities/stages.js';
import type { BenchmarkConfig } from '../contracts/benchmark.js';
import type { RunOutcome } from '../contracts/run.js';
import type { Progress, StageResult } from '../contracts/stage.js';
import { findByName } from '../core/nearestName.js';
import { createStageContexts } from '../storage/context.js';
import { openStore } from '../storage/open.js';
import { benchmarkJob, newBenchmarkState, type BenchmarkState } from '../workflows/benchmarkJob.js';
import type { Shard } from '../workflows/shards.js';
import type { StageRunner } from '../workflows/stages.js';

export interface LocalOptions {
  /** Folder of the store and of what is under way; the caller removes it. */
  readonly directory: string;
  readonly signal: AbortSignal;
  readonly progress: (progress: Progress) => void;
  /** A cell that failed; the benchmark goes on without it. */
  readonly failed: (path: string, error: Error) => void;
}

/** A benchmark in this process, one cell after the other, without a server. */
export async function benchmarkHere(config: BenchmarkConfig, options: LocalOptions): Promise<RunOutcome> {
  const contexts = createStageContexts(await openStore(`${options.directory}/store`), {
    scratchDirectory: `${options.directory}/scratch`,
  });
  const state = newBenchmarkState(config);
  const trials = config.data.length * config.noises.length * config.seeds.length;
  const total = trials * (1 + config.estimators.length);
  let done = 0;
  const runShard = async (shard: Shard): Promise<void> => {
    const request = JSON.stringify([shard.stage, shard.seed, shard.params, shard.inputs]);
    if (state.done[shard.path]?.request === request) return;
    options.signal.throwIfAborted();
    const stage = findByName<Stage>('stage', stages, shard.stage);
    const stageKey = createHash('sha256').update(request).digest('hex');
    const context = contexts(stageKey, { signal: options.signal, progress: () => undefined });
    const params = stage.paramsSchema.parse(JSON.parse(JSON.stringify(shard.params)));
    const { path, seed, inputs } = shard;
    const output = await stage.run({ path, seed, params, inputs }, context);
    state.done[path] = { request, result: { ...output, stageKey, cached: false } };
    if (/^(trials|scores)\./.test(path)) options.progress({ done: ++done, total, unit: 'steps' });
  };
  return benchmarkJob(state, {
    runner: inProcess(state, runShard, options),
    pause: () => Promise.resolve(),
  });
}

/** Scores that fail are told and left out, since nobody is there to answer; anything else ends the benchmark. */
const inProcess = (
  state: BenchmarkState,
  runShard: (shard: Shard) => Promise<void>,
  { failed, signal }: LocalOptions,
): StageRunner => ({
  show: () => undefined,
  async run(_path, shardsOf): Promise<StageResult[] | undefined> {
    const shards = shardsOf();
    for (const shard of shards) {
      try {
        await runShard(shard);
      } catch (error) {
        if (shard.stage !== 'benchmarkScore' || signal.aborted || !(error instanceof Error)) throw error;
        failed(shard.path, error);
      }
    }
    const results = shards.flatMap(({ path }) => state.done[path]?.result ?? []);
    return results.length === shards.length ? results : undefined;
  },
});
