import {
  ScheduleNotFoundError,
  type ScheduleDescription,
  type ScheduleOverlapPolicy,
} from '@temporalio/client';
import { RETRAIN_WORKFLOW } from '../../contracts/names.js';
import type { ScheduleConfig } from '../../contracts/schedule.js';
import { nearestName } from '../../core/nearestName.js';
import { CliError, EXIT } from '../exit.js';
import { closedState, KEYS } from '../runClient.js';
import type { Server } from '../server.js';

/** One time that a schedule has started its work. */
export interface Firing {
  readonly id: string;
  readonly scheduledAt: string; // ISO 8601
  readonly status: string;
  /** What it found: `new data`, `nothing has changed`; null while it looks. */
  readonly found: string | null;
  /** The run that it started, or found good enough. */
  readonly runId: string | null;
}

/** A schedule as it stands. */
export interface DescribedSchedule {
  readonly name: string;
  readonly paused: boolean;
  readonly note: string | null;
  readonly does: ScheduleConfig['does'];
  readonly when: string;
  /** ISO 8601, soonest first. */
  readonly next: readonly string[];
  readonly overlap: NonNullable<ScheduleOverlapPolicy>;
  readonly catchUpWindowMs: number;
  readonly pauseOnFailure: boolean;
  readonly started: number;
  readonly skippedByOverlap: number;
  readonly missed: number;
  readonly running: readonly string[];
  readonly version: string;
  /** Newest first; the server remembers the last ten. */
  readonly firings: readonly { readonly id: string; readonly scheduledAt: string }[];
}

/** @throws CliError (exit 6) where there is no such schedule */
export async function describeSchedule(
  server: Server,
  name: string,
  next: readonly string[] = [],
): Promise<DescribedSchedule> {
  try {
    return described(await server.client.schedule.getHandle(name).describe());
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) throw await notFound(server, name, next, error);
    throw error;
  }
}

function described(found: ScheduleDescription): DescribedSchedule {
  const { scheduleId, state, info, policies, action } = found;
  const memo = action.memo ?? {};
  const word = (key: string): string => String(memo[key] ?? '');
  return {
    name: scheduleId,
    paused: state.paused,
    note: state.note === undefined || state.note === '' ? null : state.note,
    does: word('does') === 'adapt' ? 'adapt' : 'run', // those of earlier versions say nothing, and run
    when: word('when'),
    next: info.nextActionTimes.map((time) => time.toISOString()),
    overlap: policies.overlap ?? 'SKIP',
    catchUpWindowMs: policies.catchupWindow,
    pauseOnFailure: policies.pauseOnFailure,
    started: info.numActionsTaken,
    skippedByOverlap: info.numActionsSkippedOverlap,
    missed: info.numActionsMissedCatchupWindow,
    running: info.runningActions.map(({ workflow }) => workflow.workflowId),
    version: word('scheduleVersion'),
    firings: info.recentActions
      .map(({ action: { workflow }, scheduledAt }) => ({
        id: workflow.workflowId,
        scheduledAt: scheduledAt.toISOString(),
      }))
      .reverse(),
  };
}

/** Asks what a firing came to. */
export async function firingOf(
  server: Server,
  { id, scheduledAt }: DescribedSchedule['firings'][number],
): Promise<Firing> {
  const { status, memo, typedSearchAttributes } = await server.client.workflow.getHandle(id).describe();
  const word = (key: string): string | null => (typeof memo?.[key] === 'string' ? memo[key] : null);
  const isOpen = status.name === 'RUNNING';
  const told = typedSearchAttributes.get(KEYS.status);
  return {
    ...{ id, scheduledAt, found: word('found'), runId: word('run') },
    status: isOpen || status.name === 'COMPLETED' ? (told ?? 'running') : closedState(status.name),
  };
}

/** Names of Assay's own schedules, sorted. */
export async function listSchedules(server: Server) {
  const found = [];
  for await (const one of server.client.schedule.list()) {
    if (one.action?.workflowType === RETRAIN_WORKFLOW) found.push(one);
  }
  return found.sort((a, b) => (a.scheduleId < b.scheduleId ? -1 : 1));
}

async function notFound(
  server: Server,
  name: string,
  next: readonly string[],
  cause: Error,
): Promise<CliError> {
  const names = (await listSchedules(server)).map(({ scheduleId }) => scheduleId);
  const near = nearestName(name, names);
  const meant = near === undefined ? '' : `; did you mean "${near}"?`;
  const message = `there is no schedule "${name}"${meant}`;
  const advice = next.length > 0 ? next : ['assay schedule list', 'assay schedule create assay.yaml'];
  return new CliError(message, EXIT.notFound, advice, { cause });
}
