import {
  ActivityCancellationType,
  type ActivityOptions,
  ApplicationFailure,
  condition,
  defineQuery,
  defineUpdate,
  isCancellation,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import { defineSearchAttributeKey } from '@temporalio/common';
import {
  DRY_RUN_QUERY,
  LINEAGE_QUERY,
  RESOLVE_UPDATE,
  STATUS_QUERY,
  TASK_QUEUE,
} from '../contracts/names.js';
import type {
  DryRun,
  DryRunAsked,
  ResolveStage,
  RunLineage,
  RunStatus,
  StageStatus,
} from '../contracts/run.js';
import type { StageRequest, StageResult } from '../contracts/stage.js';
import { concurrently } from '../core/concurrently.js';
import { detailsTable } from './details.js';
import { dryRun } from './dryRun.js';
import { describe, loseShards } from './failedShards.js';
import { announce } from './notification.js';
import {
  refuseResolution,
  runLineage,
  runStatus,
  stageRow,
  type Named,
  type RunState,
  withSettings,
} from './progress.js';
import { finishedResult, LOST, markOf, type Shard } from './shards.js';
import { waitIdle } from './waiting.js';

export interface StageOptions {
  /** An operator may skip it: the run goes on without its output. */
  readonly skippable?: boolean;
  /**
   * Whether these shards are enough to go on with, the others having failed beyond retries; those are left out then, with
   * a result that has no outputs. @default all are needed
   */
  readonly isEnough?: (succeeded: readonly boolean[]) => boolean;
}

/** Runs stages of one run: durable, blocked when they fail for good, told to whoever looks. */
export interface StageRunner {
  /**
   * Runs all shards, several hundred at once; `shardsOf` is asked again after a retry with new settings.
   * @returns results in the order of the shards, or undefined where an operator skipped the stage
   */
  run(
    path: string,
    shardsOf: () => readonly Shard[],
    options?: StageOptions,
  ): Promise<StageResult[] | undefined>;
  /** Shows the state now (search attributes, current details). */
  show(): void;
}

type StageActivity = (request: StageRequest) => Promise<StageResult>;

const STATUS = defineSearchAttributeKey('AssayStatus', 'KEYWORD');
const STAGE = defineSearchAttributeKey('AssayStage', 'KEYWORD');
const ROUND = defineSearchAttributeKey('AssayRound', 'INT');
const METRIC = defineSearchAttributeKey('AssayMetric', 'DOUBLE');

/** Activities of one stage that are asked for at once; a Temporal server refuses a workflow's 2,001st. */
const MOST_PENDING = 500;

const activityOptions = {
  startToCloseTimeout: '12 hours',
  heartbeatTimeout: '6 seconds',
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: { initialInterval: '200ms', backoffCoefficient: 3, maximumInterval: '1 minute', maximumAttempts: 5 },
} as const satisfies ActivityOptions;
const activitiesOn = {
  cpu: proxyActivities<Record<string, StageActivity>>({ ...activityOptions, taskQueue: TASK_QUEUE.cpu }),
  gpu: proxyActivities<Record<string, StageActivity>>({ ...activityOptions, taskQueue: TASK_QUEUE.gpu }),
};

const statusQuery = defineQuery<RunStatus>(STATUS_QUERY);
const lineageQuery = defineQuery<RunLineage>(LINEAGE_QUERY);
const dryRunQuery = defineQuery<DryRun, [DryRunAsked?]>(DRY_RUN_QUERY);
const resolveUpdate = defineUpdate<string, [ResolveStage]>(RESOLVE_UPDATE);

/**
 * @param state shared with the caller, which stores it when the run continues as new
 * @param device whose queue takes the shards that compute with the model
 */
export function createStageRunner<Config extends Named>(
  state: RunState<Config>,
  device: 'cpu' | 'gpu' = 'cpu',
): StageRunner {
  const operator: Operator = { skippable: new Set(), answer: undefined, shardsOf: () => [] };
  setHandler(statusQuery, () => runStatus(state, workflowInfo().workflowId), {
    description: 'Every stage of the run: state, attempts, times, figures, artifacts',
  });
  setHandler(lineageQuery, () => runLineage(state, workflowInfo().workflowId), {
    description:
      'The configuration with all changes, and every finished shard: stage key, figures, artifacts',
  });
  listenToOperator(state, operator);
  return {
    show: () => show(state),
    run: async (path, shardsOf, options = {}) => {
      if (options.skippable) operator.skippable.add(path);
      const row = stageRow(state, path);
      if (row.state === 'skipped') return undefined;
      if (state.successor?.from === path) state.isAnew = true;
      for (;;) {
        const attempt = await runShards(state, row, shardsOf(), device, options);
        if ('results' in attempt) return attempt.results;
        operator.shardsOf = shardsOf;
        const given = await resolution(state, operator, row, attempt);
        if (given.action === 'abort') {
          const why = given.note === undefined ? '' : ` (${given.note})`;
          const message = `aborted by an operator at "${path}"${why}: ${attempt.error}`;
          throw ApplicationFailure.nonRetryable(message, 'Aborted');
        }
        if (given.action === 'skip') {
          skipRow(state, row);
          return undefined;
        }
        state.config = withSettings(state.config, given.set);
      }
    },
  };
}

/** What operators may do, and what they last said. */
interface Operator {
  /** Paths of stages. */
  readonly skippable: Set<string>;
  answer: ResolveStage | undefined;
  /** Of the blocked stage. */
  shardsOf: () => readonly Shard[];
}

interface FailedAttempt {
  /** Paths of shards. */
  readonly failed: readonly string[];
  /** Of the first one. */
  readonly error: string;
}

function show(state: RunState<Named>): void {
  const status = runStatus(state, workflowInfo().workflowId);
  upsertSearchAttributes([
    { key: STATUS, value: status.state },
    { key: STAGE, value: status.stage },
    { key: ROUND, value: status.round },
    ...(status.metric ? [{ key: METRIC, value: status.metric.value }] : []),
  ]);
  setCurrentDetails(detailsTable(state, status.runId));
}

function listenToOperator<Config extends Named>(state: RunState<Config>, operator: Operator): void {
  const answer = (given: ResolveStage): string => {
    operator.answer = given;
    return `${given.action} ${given.stage}`;
  };
  const wouldDo = (asked?: DryRunAsked): DryRun => {
    const found = dryRun(state, operator.shardsOf, asked);
    if ('refused' in found) throw ApplicationFailure.nonRetryable(found.refused, 'Refused');
    return found;
  };
  setHandler(dryRunQuery, wouldDo, {
    description: 'What a retry of the blocked stage would do again: {"set":{"clean.minTextLength":3}}',
  });
  setHandler(resolveUpdate, answer, {
    description:
      'Answer a blocked stage: {"action":"retry"|"skip"|"abort","stage":"…","set":{"clean.minTextLength":3}}',
    validator: (given) => {
      const refusal = refuseResolution(state, given, [...operator.skippable]);
      if (refusal) throw ApplicationFailure.nonRetryable(refusal, 'Refused');
    },
  });
}

/** One attempt at a stage, all its shards. @throws the cancellation, when the run was cancelled */
async function runShards(
  state: RunState<Named>,
  row: StageStatus,
  shards: readonly Shard[],
  device: 'cpu' | 'gpu',
  { isEnough = (succeeded) => succeeded.every(Boolean) }: StageOptions,
): Promise<FailedAttempt | { readonly results: StageResult[] }> {
  beginRow(row, shards, state);
  show(state);
  const settled = await concurrently(shards, MOST_PENDING, async (shard) => {
    const [one] = await Promise.allSettled([runShard(state, row, shard, device)]);
    return one!;
  });
  const failures = settled.flatMap((one, i) =>
    one.status === 'rejected' ? [{ shard: shards[i]!, reason: one.reason as unknown }] : [],
  );
  const [first] = failures;
  if (first) {
    const cancelled = failures.find(({ reason }) => isCancellation(reason));
    if (cancelled) throw cancelled.reason;
    if (!isEnough(settled.map(({ status }) => status === 'fulfilled')))
      return { failed: failures.map(({ shard }) => shard.path), error: describe(first.reason) };
    loseShards(state, failures);
  }
  const results = settled.map((one) => (one.status === 'fulfilled' ? one.value : LOST));
  endRow(row, results);
  show(state);
  return { results };
}

async function runShard(
  state: RunState<Named>,
  row: StageStatus,
  shard: Shard,
  device: 'cpu' | 'gpu',
): Promise<StageResult> {
  const { path, stage, seed, params, inputs } = shard;
  const plain = params as StageRequest['params'];
  const fresh = shard.fresh || state.isAnew ? { bypassCache: true } : {};
  const runId = workflowInfo().workflowId;
  const on = shard.dataEngine === undefined ? {} : { dataEngine: shard.dataEngine };
  const request: StageRequest = { runId, path, stage, seed, params: plain, inputs, ...fresh, ...on };
  const finished = finishedResult(state, shard);
  if (finished) return finished;
  if (state.lost?.[path]?.request === markOf(shard)) return LOST;
  row.attempts += 1;
  const activity = activitiesOn[shard.onDevice ? device : 'cpu'][stage]!;
  const result = await activity.executeWithOptions({ activityId: path, summary: shard.summary }, [request]);
  state.done[path] = { request: markOf(shard), stage, result };
  if (row.shards) row.shards.done += 1;
  return result;
}

/** Waits until an operator says what to do about a blocked stage. */
async function resolution(
  state: RunState<Named>,
  operator: Operator,
  row: StageStatus,
  { failed, error }: FailedAttempt,
): Promise<ResolveStage> {
  const { workflowId } = workflowInfo();
  row.state = 'blocked';
  row.error = error;
  const commands = [`assay retry ${workflowId} --stage ${row.path}`];
  if (operator.skippable.has(row.path)) commands.push(`assay skip ${workflowId} --stage ${row.path}`);
  commands.push(`assay abort ${workflowId}`);
  state.state = 'blocked';
  state.blocked = { stage: row.path, error, failedShards: [...failed], commands };
  show(state);
  void announce(state, 'blocked', { stage: row.path, error, commands });
  await waitIdle(state, () => condition(() => operator.answer !== undefined));
  const given = operator.answer!;
  operator.answer = undefined;
  delete state.blocked;
  delete row.error;
  state.state = 'running';
  return given;
}

function skipRow(state: RunState<Named>, row: StageStatus): void {
  row.state = 'skipped';
  row.endedAtMs = Date.now();
  show(state);
}

function beginRow(row: StageStatus, shards: readonly Shard[], state: RunState<Named>): void {
  row.state = 'running';
  row.startedAtMs ??= Date.now();
  delete row.endedAtMs;
  const done = shards.filter((shard) => state.done[shard.path]).length;
  if (shards.length > 1) row.shards = { done, total: shards.length };
}

function endRow(row: StageStatus, results: readonly StageResult[]): void {
  row.state = results.every((result) => result.cached) ? 'cached' : 'done';
  row.endedAtMs = Date.now();
  const lost = results.filter((result) => result === LOST).length;
  if (row.shards) {
    row.shards.done = row.shards.total - lost;
    if (lost > 0) row.shards.lost = lost;
  }
  if (lost > 0) row.figures = { ...row.figures, lostShards: Number(row.figures['lostShards'] ?? 0) + lost };
  if (results.length === 1) {
    row.figures = { ...row.figures, ...results[0]!.figures };
    row.outputs = { ...row.outputs, ...results[0]!.outputs };
  }
}
