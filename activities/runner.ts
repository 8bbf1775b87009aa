import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { EngineChoice } from '../contracts/engine.js';
import type { StageHeartbeat } from '../contracts/heartbeat.js';
import type { CacheEntry, Progress, StageOutput, StageResult } from '../contracts/stage.js';
import { StageRequest } from '../contracts/stage.js';
import { observed, type StageObserver } from './observer.js';
import type { Stage } from './stage.js';

/** One stage for a trainer child. `params` are as they were asked; the child parses them again. */
export interface TrainerJob {
  readonly request: StageRequest;
  readonly stageKey: string;
  readonly codeVersion: string;
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
    request: Pick<StageRequest, 'stage' | 'seed' | 'inputs'>,
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
  /** Milliseconds. Cancellation is learned from the answer to a heartbeat. @default 400 */
  readonly heartbeatIntervalMs?: number;
  readonly log?: (fields: Readonly<Record<string, unknown>>, message: string) => void;
  readonly observer?: StageObserver;
}

export type StageActivity = (request: StageRequest) => Promise<StageResult>;

/** All stages as activities, each under its own name. */
export function createStageActivities(
  stages: readonly Stage[],
  dependencies: RunnerDependencies,
): Record<string, StageActivity> {
  const inTurn = createTurns();
  return Object.fromEntries(
    stages.map((stage) => [stage.name, createStageActivity(stage, dependencies, inTurn)]),
  );
}

/** Does jobs of one stage key one after the other: who comes second finds the first one's result in the cache. */
type InTurn = (stageKey: string, work: () => Promise<StageResult>) => Promise<StageResult>;

function createTurns(): InTurn {
  const last = new Map<string, Promise<unknown>>();
  return async (stageKey, work) => {
    const before = last.get(stageKey)?.catch(() => undefined);
    const mine = Promise.race([before, before && Context.current().cancelled]).then(work);
    last.set(stageKey, mine);
    try {
      return await mine;
    } finally {
      if (last.get(stageKey) === mine) last.delete(stageKey);
    }
  };
}

/** A stage as an activity: looks it up in the cache, else runs it in a trainer child and records what came out. */
function createStageActivity(stage: Stage, dependencies: RunnerDependencies, inTurn: InTurn): StageActivity {
  return observed(stage.name, dependencies.observer, async (input, observe): Promise<StageResult> => {
    const request = StageRequest.parse(input);
    const params = stage.paramsSchema.parse(request.params);
    refuseMissingInputs(stage, request);
    const { stageKey, codeVersion } = dependencies.cache.key(request, params, stage.engine?.(params));
    return beating(dependencies, request.path, (beat) => {
      const tell: Tell = (change, when) => {
        beat(change, when);
        if (change.state === 'running') observe.started();
        if (change.progress?.figures) observe.progress(change.progress.figures);
      };
      return inTurn(stageKey, () => lookUpOrRun({ request, stageKey, codeVersion }, dependencies, tell));
    });
  });
}

async function lookUpOrRun(
  job: TrainerJob,
  dependencies: RunnerDependencies,
  tell: Tell,
): Promise<StageResult> {
  const { cache, pool } = dependencies;
  const { request, stageKey, codeVersion } = job;
  const { runId, path, stage, seed, params, inputs } = request;
  const log = (message: string): void => dependencies.log?.({ runId, path, stage, stageKey }, message);
  const found = request.bypassCache === true ? undefined : await cache.lookup(stage, stageKey);
  if (found !== undefined) {
    log('stage taken from the cache');
    return { outputs: found.outputs, figures: found.figures, stageKey, cached: true };
  }
  log('stage started');
  const output = await pool.run(job, {
    // Not worth a call of its own: the next beat says it.
    started: () => tell({ state: 'running' }, 'later'),
    progress: (progress) => tell({ progress }),
    checkpoint: (position) => tell({ checkpoint: { position, savedAtMs: Date.now() } }),
    signal: Context.current().cancellationSignal,
  });
  await cache.record({ formatVersion: 1, stage, params, stageKey, codeVersion, seed, inputs, ...output });
  log('stage finished');
  return { ...output, stageKey, cached: false };
}

function refuseMissingInputs(stage: Stage, request: StageRequest): void {
  const missing = stage.inputs.filter((name) => (request.inputs[name] ?? []).length === 0);
  if (missing.length === 0) return;
  throw ApplicationFailure.nonRetryable(
    `${request.path}: stage ${stage.name} needs the inputs ${stage.inputs.join(', ')}; missing: ${missing.join(', ')}`,
    'ConfigError',
  );
}

/** Changes what the heartbeats say. */
type Tell = (change: Partial<StageHeartbeat>, when?: 'now' | 'later') => void;

/** Sends heartbeats while the work goes on, its time in the queue included. */
async function beating<T>(
  { heartbeatIntervalMs = 400 }: RunnerDependencies,
  path: string,
  work: (tell: Tell) => Promise<T>,
): Promise<T> {
  const context = Context.current();
  let state: StageHeartbeat = { path, state: 'queued' };
  const beat = setInterval(() => context.heartbeat(state), heartbeatIntervalMs);
  try {
    return await work((change, when = 'now') => {
      state = { ...state, ...change };
      if (when === 'now') context.heartbeat(state);
    });
  } finally {
    clearInterval(beat);
  }
}
