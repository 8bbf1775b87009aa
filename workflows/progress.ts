import type { RunConfig } from '../config/runConfig.js';
import { credentialsIn } from '../contracts/credentials.js';
import type {
  Approval,
  ResolveStage,
  RunLineage,
  RunMetrics,
  RunStatus,
  StageStatus,
  Successor,
} from '../contracts/run.js';
import type { NotifyTarget } from '../contracts/notify.js';
import type { StageResult } from '../contracts/stage.js';

/** What every workflow's configuration has. */
export interface Named {
  readonly name: string;
  readonly notify?: readonly NotifyTarget[] | undefined;
}

/** A shard that is done. */
export interface FinishedShard {
  /** Fingerprint of what was asked; earlier versions kept all of it. */
  readonly request: string;
  /** Name in the registry; earlier versions have it in the request. */
  readonly stage?: string;
  readonly result: StageResult;
}

/** A shard that failed beyond retries, and that the run went on without. */
export interface LostShard {
  readonly request: string; // fingerprint of what was asked
  readonly error: string;
}

/** Everything that a run remembers; small (references only), so that it can continue as new. */
export interface RunState<Config extends Named = RunConfig> {
  config: Config;
  stages: StageStatus[];
  /** Finished shards by path; what a resumed workflow doesn't ask for again. */
  done: Record<string, FinishedShard>;
  /** By path; what a resumed workflow doesn't ask for again either. */
  lost?: Record<string, LostShard>;
  round: number;
  metric?: { name: string; value: number };
  blocked?: NonNullable<RunStatus['blocked']>;
  state: RunStatus['state'];
  /** When the run, and its loop, began; with `idleMs` for budgets. */
  startedAtMs?: number;
  loopBeganMs?: number; // time that was idle before not counted
  /** Waited for operators. */
  idleMs?: number;
  loop?: NonNullable<RunStatus['loop']>;
  waiting?: NonNullable<RunStatus['waiting']>;
  approval?: Approval;
  /** Of each search of settings, by path: waves that began, and why none follows. */
  searches?: Record<string, { beganMs: number; waves: number; ended?: string }>;
  /** After each round. */
  metrics?: RunMetrics['rounds'];
  successor?: Successor;
  /** The run has come to the stage from which it does all anew. */
  isAnew?: boolean;
  /** What a reader may type next, where that is not what one types of a run. */
  next?: readonly string[];
  /** Of a schedule: its run tells how it ended. */
  isFiring?: true;
  hasToldDrift?: true;
  /** Events that somebody was told of. */
  notices?: number;
}

export const newRunState = <Config extends Named>(
  config: Config,
  successor?: Successor,
): RunState<Config> => ({
  ...{ config, stages: [], done: {}, round: 0, state: 'running' },
  ...(successor ? { successor } : {}),
});

/** The row of a stage in the table, made when it is first asked for. */
export function stageRow(state: RunState<Named>, path: string): StageStatus {
  const found = state.stages.find((stage) => stage.path === path);
  if (found) return found;
  const row: StageStatus = { path, state: 'waiting', attempts: 0, figures: {}, outputs: {} };
  state.stages.push(row);
  return row;
}

export const currentStage = (state: RunState<Named>): string =>
  state.blocked?.stage ??
  (state.waiting ? 'approval' : undefined) ??
  state.stages.findLast((stage) => stage.state === 'running')?.path ??
  '';

/** Says why an operator's answer does not fit, or nothing when it does. */
export function refuseResolution(
  state: RunState<Named>,
  answer: ResolveStage,
  skippable: readonly string[],
): string | undefined {
  const { blocked } = state;
  if (!blocked) return `nothing is blocked: the run is ${state.state} at "${currentStage(state)}"`;
  if (answer?.stage !== blocked.stage)
    return `the blocked stage is "${blocked.stage}", not "${String(answer?.stage)}"`;
  if (!['retry', 'skip', 'abort'].includes(answer.action))
    return `action must be retry, skip or abort, got "${String(answer.action)}"`;
  if (answer.action === 'skip' && !skippable.includes(answer.stage))
    return `"${answer.stage}" can't be skipped: later stages need its output; retry or abort (skippable: ${skippable.join(', ') || 'none so far'})`;
  return refuseSettings(state.config, answer);
}

function refuseSettings(config: Named, answer: ResolveStage): string | undefined {
  if (answer.set && answer.action !== 'retry') return 'set is for retry only';
  if (credentialsIn(answer.set))
    return 'set: a URL with a password in it; leave user and password out, workers have them in their environment';
  const sections = Object.keys(config).filter((key) => key !== 'name' && key !== 'task');
  for (const path of Object.keys(answer.set ?? {})) {
    const [section = ''] = path.split('.');
    if (!sections.includes(section)) return `set: "${path}" begins with none of ${sections.join(', ')}`;
  }
  return undefined;
}

/** A copy of the configuration with values replaced by dotted path (`clean.minTextLength`). */
export function withSettings<Config extends Named>(config: Config, set: ResolveStage['set']): Config {
  const copy = JSON.parse(JSON.stringify(config)) as Config;
  for (const [path, value] of Object.entries(set ?? {})) {
    const keys = path.split('.');
    const last = keys.pop()!;
    let node = copy as unknown as Record<string, unknown>;
    for (const key of keys) {
      if (typeof node[key] !== 'object' || node[key] === null) node[key] = {};
      node = node[key] as Record<string, unknown>;
    }
    node[last] = value;
  }
  return copy;
}

/** What the query `status` answers. */
export function runStatus(state: RunState<Named>, runId: string): RunStatus {
  return {
    runId,
    name: state.config.name,
    state: state.state,
    stage: currentStage(state),
    round: state.round,
    stages: state.stages,
    ...(state.metric ? { metric: state.metric } : {}),
    ...(state.blocked ? { blocked: state.blocked } : {}),
    ...(state.waiting ? { waiting: state.waiting } : {}),
    ...(state.loop ? { loop: state.loop } : {}),
    ...(state.approval ? { approval: state.approval } : {}),
    ...(state.successor ? { successorOf: state.successor } : {}),
  };
}

/** What the query `metrics` answers. */
export const runMetrics = (state: RunState<Named>, runId: string): RunMetrics => ({
  runId,
  rounds: state.metrics ?? [],
  stages: Object.fromEntries(state.stages.map(({ path, figures }) => [path, figures])),
});

/** What the query `lineage` answers. */
export function runLineage(state: RunState<Named>, runId: string): RunLineage {
  return {
    runId,
    ...(state.successor ? { successorOf: state.successor } : {}),
    config: state.config as unknown as RunLineage['config'],
    shards: Object.entries(state.done).map(([path, shard]) => ({
      path,
      stage: stageOf(shard),
      ...shard.result,
    })),
    ...(state.lost ? { lost: Object.keys(state.lost) } : {}),
  };
}

/** Name of a finished shard's stage. Earlier versions kept the whole request: [stage, seed, params, inputs]. */
export const stageOf = ({ stage, request }: FinishedShard): string =>
  stage ?? (JSON.parse(request) as [string])[0];
