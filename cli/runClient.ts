import { setTimeout as sleep } from 'node:timers/promises';
import { WorkflowFailedError, WorkflowNotFoundError, type WorkflowExecutionInfo } from '@temporalio/client';
import { defineSearchAttributeKey } from '@temporalio/common';
import type { z } from 'zod';
import {
  BENCHMARK_WORKFLOW,
  LINEAGE_QUERY,
  RETRAIN_WORKFLOW,
  STATUS_QUERY,
  TRAIN_WORKFLOW,
} from '../contracts/names.js';
import { RunLineage, RunOutcome, RunStatus } from '../contracts/run.js';
import { CliError, EXIT } from './exit.js';
import type { Server } from './server.js';

/** A run in a list. */
export interface ListedRun {
  readonly runId: string;
  readonly status: string;
  readonly stage: string;
  readonly dataset: string;
  readonly round: number | null;
  readonly metric: number | null;
  readonly startedAt: string;
  readonly endedAt: string | null;
}

/** Typed search attributes. */
export const KEYS = {
  status: defineSearchAttributeKey('AssayStatus', 'KEYWORD'),
  stage: defineSearchAttributeKey('AssayStage', 'KEYWORD'),
  dataset: defineSearchAttributeKey('AssayDataset', 'KEYWORD'),
  round: defineSearchAttributeKey('AssayRound', 'INT'),
  metric: defineSearchAttributeKey('AssayMetric', 'DOUBLE'),
};

/** Runs, and the firings of schedules that wait for somebody. */
const LISTED = `(WorkflowType IN ('${TRAIN_WORKFLOW}', '${BENCHMARK_WORKFLOW}') OR (WorkflowType = '${RETRAIN_WORKFLOW}' AND AssayStatus = 'blocked'))`;

/** Runs by start, newest first. */
export async function listRuns(server: Server, limit: number, query = ''): Promise<ListedRun[]> {
  const filter = query === '' ? LISTED : `${LISTED} AND (${query})`;
  const found: ListedRun[] = [];
  for await (const info of server.client.workflow.list({ query: filter, pageSize: Math.min(limit, 200) })) {
    found.push(listed(info));
    if (found.length >= limit) break;
  }
  return found.sort((a, b) => b.startedAt.localeCompare(a.startedAt));
}

function listed(info: WorkflowExecutionInfo): ListedRun {
  const { typedSearchAttributes: attributes } = info;
  const isOpen = info.status.name === 'RUNNING';
  return {
    runId: info.workflowId,
    status: isOpen ? (attributes.get(KEYS.status) ?? 'running') : closedState(info.status.name),
    stage: attributes.get(KEYS.stage) ?? '',
    dataset: attributes.get(KEYS.dataset) ?? '',
    round: attributes.get(KEYS.round) ?? null,
    metric: attributes.get(KEYS.metric) ?? null,
    startedAt: info.startTime.toISOString(),
    endedAt: info.closeTime?.toISOString() ?? null,
  };
}

/** Temporal's words for an ended workflow, as ours. */
export function closedState(status: string): RunStatus['state'] {
  if (status === 'COMPLETED') return 'completed';
  return status === 'CANCELLED' || status === 'TERMINATED' ? 'cancelled' : 'failed';
}

/**
 * The run that a person means: its id, the end of it, its name (the newest of that name), or nothing (the newest).
 *
 * @param query narrows the newest (`AssayStatus = 'blocked'`)
 * @throws CliError (exit 6) that lists runs, when none or several fit
 */
export async function findRun(server: Server, wanted: string | undefined, query = ''): Promise<string> {
  if (wanted !== undefined && /^((train|benchmark|retrain)\/[^/]+|adapt)\/[^/]+$/.test(wanted)) return wanted;
  const runs = await listRuns(server, 200, wanted === undefined ? query : '');
  const fits = runs.filter(
    ({ runId }) => wanted === undefined || runId.split('/')[1] === wanted || runId.endsWith(wanted),
  );
  const [newest] = fits;
  const named = wanted === undefined || newest?.runId.split('/')[1] === wanted;
  if (newest && (named || fits.length === 1)) return newest.runId;
  const known = runs.slice(0, 5).map(({ runId }) => `assay show ${runId}`);
  if (fits.length > 1) {
    const choices = fits.slice(0, 5).map(({ runId }) => `assay show ${runId}`);
    throw new CliError(`"${wanted ?? ''}" fits ${fits.length} runs; say which`, EXIT.notFound, choices);
  }
  const what =
    wanted === undefined
      ? query === ''
        ? 'there is no run yet'
        : `no run fits ${query}`
      : `there is no run "${wanted}"`;
  throw new CliError(what, EXIT.notFound, known.length > 0 ? known : ['assay run assay.yaml --watch']);
}

/** How a run stands, as Temporal knows it, without asking the run itself. */
export async function describeRun(
  server: Server,
  runId: string,
): Promise<{ isOpen: boolean; closed: RunStatus['state']; device: 'cpu' | 'gpu' }> {
  try {
    const { status, memo } = await server.client.workflow.getHandle(runId).describe();
    return {
      isOpen: status.name === 'RUNNING' || status.name === 'CONTINUED_AS_NEW',
      closed: closedState(status.name),
      device: memo?.['device'] === 'gpu' ? 'gpu' : 'cpu',
    };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) throw notFound(runId, error);
    throw error;
  }
}

const notFound = (runId: string, cause: Error): CliError =>
  new CliError(`there is no run "${runId}"`, EXIT.notFound, ['assay runs'], { cause });

/** Asks the run itself; undefined when no worker answers in time. */
export const queryStatus = (
  server: Server,
  runId: string,
  withinMs: number,
): Promise<RunStatus | undefined> => ask(server, runId, STATUS_QUERY, RunStatus, withinMs);

/** What the run was asked and made; undefined when no worker answers in time. */
export const queryLineage = (
  server: Server,
  runId: string,
  withinMs: number,
): Promise<RunLineage | undefined> => ask(server, runId, LINEAGE_QUERY, RunLineage, withinMs);

async function ask<T>(
  server: Server,
  runId: string,
  query: string,
  schema: z.ZodType<T>,
  withinMs: number,
): Promise<T | undefined> {
  try {
    const answer = await server.client.connection.withDeadline(Date.now() + withinMs, () =>
      server.client.workflow.getHandle(runId).query<unknown>(query),
    );
    return schema.parse(answer);
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) throw notFound(runId, error);
    if (isUnanswered(error)) return undefined;
    throw error;
  }
}

/** Deadlines, and workers that are not there (yet). */
function isUnanswered(error: unknown): boolean {
  for (let one = error; one instanceof Error; one = one.cause) {
    if (
      /DEADLINE_EXCEEDED|deadline|CANCELLED: Call cancelled|no poller|not registered|Query cannot be answered|FAILED_PRECONDITION|UNAVAILABLE|Workflow task is not/i.test(
        one.message,
      )
    )
      return true;
  }
  return false;
}

const END_WITHIN_MS = 10_000;

/** Cancels a run and waits for its end; by force where no worker lets it end in order. */
export async function endRun(server: Server, runId: string): Promise<void> {
  const handle = server.client.workflow.getHandle(runId);
  const { isOpen } = await describeRun(server, runId);
  if (!isOpen) return;
  await handle.cancel();
  const deadline = Date.now() + END_WITHIN_MS;
  while ((await describeRun(server, runId)).isOpen) {
    if (Date.now() > deadline) {
      await handle.terminate('cancelled, and did not end in time');
      return;
    }
    await sleep(100);
  }
}

/** What an ended run returned, or why it did not. */
export async function outcomeOf(
  server: Server,
  runId: string,
): Promise<RunOutcome | { readonly error: string }> {
  try {
    return RunOutcome.parse(await server.client.workflow.getHandle(runId).result());
  } catch (error) {
    if (error instanceof WorkflowFailedError) return { error: error.cause?.message ?? error.message };
    throw error;
  }
}
