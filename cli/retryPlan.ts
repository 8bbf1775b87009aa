import type { Stage } from '../activities/stage.js';
import { stages as allStages } from '../activities/stages.js';
import type { RunConfig } from '../config/runConfig.js';
import type { RunLineage } from '../contracts/run.js';
import type { Artifacts, CacheEntry, StageRequest, StageResult } from '../contracts/stage.js';
import { findByName } from '../core/nearestName.js';
import { trainingJob, type ModelTraits } from '../workflows/job.js';
import { newRunState } from '../workflows/progress.js';
import { LOST, type Shard } from '../workflows/shards.js';
import type { StageRunner } from '../workflows/stages.js';
import { changesOf } from './retryReasons.js';

/** What a dry run needs of the store and of the build. */
export interface PlanCache {
  /** As the activity computes it. */
  key(
    request: Pick<StageRequest, 'stage' | 'seed' | 'inputs'>,
    stage: Stage,
    params: unknown,
  ): { readonly stageKey: string; readonly codeVersion: string };
  lookup(stage: string, stageKey: string): Promise<CacheEntry | undefined>;
  /** What was recorded, whether or not its artifacts are still there. */
  entry(stage: string, stageKey: string): Promise<CacheEntry | undefined>;
}

export interface PlanRequest {
  /** Of the run that is retried. */
  readonly lineage: RunLineage;
  /** With the new settings. */
  readonly config: RunConfig;
  readonly traits: ModelTraits;
  readonly cache: PlanCache;
  /** A successor: from this stage on, nothing is taken from the cache. */
  readonly from?: string;
  /** The same run goes on: stages before are not asked for again. */
  readonly resume?: {
    readonly failed: readonly string[]; // paths of shards
    readonly skipped: readonly string[];
    /** With which the run got there. */
    readonly config: RunConfig;
  };
}

export interface PlannedShard {
  readonly path: string;
  readonly stage: string;
  /** done: this run has it already, and does not ask again. */
  readonly action: 'run' | 'cache' | 'done';
  /** Why it runs. */
  readonly reasons: readonly string[];
  /** It runs although nothing that decides its output has changed. */
  readonly sameBytes: boolean;
}

export interface PlannedStage {
  readonly path: string;
  readonly shards: readonly PlannedShard[];
}

export interface RetryPlan {
  readonly stages: readonly PlannedStage[];
  /** Whatever follows depends on what this stage will say; there is nothing to go by. */
  readonly openAfter?: string;
}

/** Thrown through the job where its further way is not known. */
class WayIsOpen extends Error {}

/**
 * What would run again, and why: plays the job itself, with stage keys in place of stages. Where an output is not known
 * yet, the way that the earlier run took is followed.
 */
export async function planRetry(request: PlanRequest): Promise<RetryPlan> {
  const planned = new Map<string, PlannedShard[]>();
  const state = newRunState(request.resume?.config ?? request.config);
  const planner = new ShardPlanner(request);
  let isResumed = request.resume === undefined;
  let last = '';
  const runner: StageRunner = {
    show: () => undefined,
    async run(path, shardsOf) {
      last = path;
      const row = planned.get(path) ?? [];
      planned.set(path, row);
      if (!isResumed) {
        if (request.resume!.skipped.includes(path)) return undefined;
        const finished = planner.finished(shardsOf());
        if (finished) {
          row.push(...finished.map(({ plan }) => plan));
          return finished.map(({ result }) => result);
        }
        isResumed = true;
        state.config = request.config;
      }
      if (path === request.from) planner.isAnew = true;
      const results: StageResult[] = [];
      let isOpen = false;
      for (const shard of shardsOf()) {
        const { plan, result } = await planner.plan(shard);
        row.push(plan);
        if (result) results.push(result);
        else isOpen = true;
      }
      if (isOpen && path === 'report') return undefined; // nothing follows
      if (isOpen) throw new WayIsOpen();
      return results;
    },
  };
  const host = {
    ...{ runId: NEXT_RUN, runner, nowMs: () => 0, pause: () => Promise.resolve() },
    sharesFeatures: () => true,
  };
  const found = (): PlannedStage[] => [...planned].map(([path, shards]) => ({ path, shards }));
  try {
    await trainingJob(state, request.traits, host);
    return { stages: found() };
  } catch (error) {
    if (error instanceof WayIsOpen) return { stages: found(), openAfter: last };
    throw error;
  }
}

const NEXT_RUN = 'the next run';

/** Stands in the place of a hash that nobody knows yet. */
const PENDING = 'pending:';

interface Planned {
  readonly plan: PlannedShard;
  /** Undefined where nothing says what it may be. */
  readonly result: StageResult | undefined;
}

class ShardPlanner {
  isAnew = false;
  /** What runs again, by stage key: a second one of the same key waits for the first and takes what it made. */
  private readonly running = new Map<string, StageResult>();
  private readonly before: ReadonlyMap<string, RunLineage['shards'][number]>;

  constructor(private readonly request: PlanRequest) {
    this.before = new Map(request.lineage.shards.map((shard) => [shard.path, shard]));
  }

  /** All of them, where the run has finished them. */
  finished(shards: readonly Shard[]): { plan: PlannedShard; result: StageResult }[] | undefined {
    const found = shards.flatMap(({ path, stage }) => {
      const result = this.before.get(path) ?? (this.request.lineage.lost?.includes(path) ? LOST : undefined);
      return result ? [{ plan: { path, stage, action: 'done' as const, ...NOTHING }, result }] : [];
    });
    return found.length === shards.length ? found : undefined;
  }

  async plan(shard: Shard): Promise<Planned> {
    const params = JSON.parse(JSON.stringify(shard.params)) as StageRequest['params'];
    const { path, inputs } = shard;
    const known = this.before.get(path);
    const entry = known && (await this.request.cache.entry(known.stage, known.stageKey));
    const pending = producersOfPending(inputs);
    const asked = this.keyOf(shard, params);
    const isSame = asked.stageKey === known?.stageKey;
    if (this.request.resume && isSame) return taken(shard, known!, 'done');

    const cached = await this.request.cache.lookup(shard.stage, asked.stageKey);
    const mustRun = this.isAnew || shard.fresh === true;
    const twin = this.running.get(asked.stageKey);
    const found = twin ?? cached;
    if (found && !mustRun) return taken(shard, { ...asked, ...found, cached: true }, 'cache');

    const reasons = [
      ...(this.isAnew ? [`asked for with --from ${this.request.from!}`] : []),
      ...(!this.isAnew && shard.fresh ? ['always: what it reads may have changed'] : []),
      ...(isSame && !cached ? ['its result is no longer in the store'] : []),
      ...pending.map(
        ({ name, producer }) => `input will change: ${name}, its producer ${producer} runs again`,
      ),
      ...(known ? changesOf(shard, params, entry, asked, NEXT_RUN) : [this.whyNew(path)]),
    ];
    const plan = { path, stage: shard.stage, action: 'run' as const, reasons, sameBytes: isSame };
    // The same key writes the same bytes; else, the way of the run before is the best guess.
    const guess = cached ?? (known && { ...known, outputs: pendingOutputs(path, known.outputs) });
    const result = guess && { ...guess, ...asked, cached: false };
    if (result) this.running.set(asked.stageKey, result);
    return { plan, result };
  }

  private keyOf(shard: Shard, params: StageRequest['params']) {
    const stage = findByName<Stage>('stage', allStages, shard.stage);
    return this.request.cache.key(shard, stage, params);
  }

  private whyNew(path: string): string {
    const { resume, lineage } = this.request;
    return resume?.failed.includes(path) ? 'it failed' : `${lineage.runId} has not finished it`;
  }
}

const NOTHING = { reasons: [], sameBytes: false } as const;

const taken = ({ path, stage }: Shard, result: StageResult, action: 'cache' | 'done'): Planned => ({
  plan: { path, stage, action, ...NOTHING },
  result,
});

const pendingOutputs = (path: string, outputs: Artifacts): Artifacts =>
  Object.fromEntries(
    Object.entries(outputs).map(([name, refs]) => [
      name,
      refs.map((ref, i) => ({ ...ref, sha256: `${PENDING}${path}:${i}` })),
    ]),
  );

/** Inputs whose content is not known yet, each with one shard that will write it. */
function producersOfPending(inputs: Artifacts): { name: string; producer: string }[] {
  return Object.entries(inputs).flatMap(([name, refs]) => {
    const first = refs.find(({ sha256 }) => sha256.startsWith(PENDING));
    return first ? [{ name, producer: first.sha256.slice(PENDING.length).replace(/:\d+$/, '') }] : [];
  });
}
