import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { EngineChoice } from '../contracts/engine.js';
import type { StageHeartbeat } from '../contracts/heartbeat.js';
import type { CacheEntry, Progress, StageOutput, StageResult } from '../contracts/stage.js';
import { StageRequest } from '../contracts/stage.js';
import { asFailure } from './failure.js';
import type { Stage } from './stage.js';

/** One stage for a trainer child. `params` are as they were asked; the child parses them again. */
export interface TrainerJob {
  readonly request: StageRequest;
  readonly stageKey: string;
}

export interface TrainerListener {
  /** A child has taken the job. */
  readonly started: () => void;
  readonly progress: (progress: Progress) => void;
  /** A checkpoint is in the store. */
  readonly checkpoint: (position: number) => void;
  /** Once aborted, the job ends within a second, whatever it is doing. */
  readonly signal: AbortSignal;
}

/** Where stages really run: never on the worker's event loop. */
export interface TrainerPool {
  /** Rejects with the signal's reason once aborted, else with an ApplicationFailure. */
  run(job: TrainerJob, listener: TrainerListener): Promise<StageOutput>;
}

/** Finished stages, by stage key. */
export interface StageCache {
  /**
   * `params` are parsed, defaults filled in.
   *
   * @param engine what the stage computes with, where it needs an engine
   * @throws MissingToolError where this worker has no such engine
   */
  key(
    request: StageRequest,
    params: unknown,
    engine: EngineChoice | undefined,
  ): { readonly stageKey: string; readonly codeVersion: string };
  /** Undefined also where an output is missing or altered. */
  lookup(stage: string, stageKey: string): Promise<CacheEntry | undefined>;
  record(entry: CacheEntry): Promise<void>;
}

export interface RunnerDependencies {
  readonly cache: StageCache;
  readonly pool: TrainerPool;
  /** Milliseconds. Cancellation is learned from the answer to a heartbeat. @default 500 */
  readonly heartbeatIntervalMs?: number;
  readonly log?: (fields: Readonly<Record<string, unknown>>, message: string) => void;
}

export type StageActivity = (request: StageRequest) => Promise<StageResult>;

/** All stages as activities, each under its own name. */
export function createStageActivities(
  stages: readonly Stage[],
  dependencies: RunnerDependencies,
): Record<string, StageActivity> {
  return Object.fromEntries(stages.map((stage) => [stage.name, createStageActivity(stage, dependencies)]));
}

/** A stage as an activity: looks it up in the cache, else runs it in a trainer child and records what came out. */
export function createStageActivity(stage: Stage, dependencies: RunnerDependencies): StageActivity {
  return asFailure(async (input: StageRequest): Promise<StageResult> => {
    const request = StageRequest.parse(input);
    const params = stage.paramsSchema.parse(request.params);
    refuseMissingInputs(stage, request);
    const { cache } = dependencies;
    const { stageKey, codeVersion } = cache.key(request, params, stage.engine?.(params));
    const { runId, path } = request;
    const log = (message: string): void =>
      dependencies.log?.({ runId, path, stage: stage.name, stageKey }, message);
    const found = request.bypassCache === true ? undefined : await cache.lookup(stage.name, stageKey);
    if (found !== undefined) {
      log('stage taken from the cache');
      return { outputs: found.outputs, figures: found.figures, stageKey, cached: true };
    }
    log('stage started');
    const output = await runInPool({ request, stageKey }, dependencies);
    const { seed, inputs } = request;
    await cache.record({
      formatVersion: 1,
      stage: stage.name,
      params: request.params,
      ...{ stageKey, codeVersion, seed, inputs },
      ...output,
    });
    log('stage finished');
    return { ...output, stageKey, cached: false };
  });
}

function refuseMissingInputs(stage: Stage, request: StageRequest): void {
  const missing = stage.inputs.filter((name) => (request.inputs[name] ?? []).length === 0);
  if (missing.length === 0) return;
  throw ApplicationFailure.nonRetryable(
    `${request.path}: stage ${stage.name} needs the inputs ${stage.inputs.join(', ')}; missing: ${missing.join(', ')}`,
    'ConfigError',
  );
}

async function runInPool(job: TrainerJob, dependencies: RunnerDependencies): Promise<StageOutput> {
  const context = Context.current();
  let state: StageHeartbeat = { path: job.request.path, state: 'queued' };
  const tell = (change: Partial<StageHeartbeat>): void => {
    state = { ...state, ...change };
    context.heartbeat(state);
  };
  const beat = setInterval(() => context.heartbeat(state), dependencies.heartbeatIntervalMs ?? 500);
  try {
    return await dependencies.pool.run(job, {
      // Not worth a call of its own: the next beat says it.
      started: () => (state = { ...state, state: 'running' }),
      progress: (progress) => tell({ progress }),
      checkpoint: (position) => tell({ checkpoint: { position, savedAtMs: Date.now() } }),
      signal: context.cancellationSignal,
    });
  } finally {
    clearInterval(beat);
  }
}
