import {
  ActivityFailure,
  CancellationScope,
  ParentClosePolicy,
  proxyActivities,
  startChild,
  workflowInfo,
} from '@temporalio/workflow';
import { NOTIFICATION_WORKFLOW, TASK_QUEUE } from '../contracts/names.js';
import type { Notification, NotifyEvent, NotifyRequest, NotifyTarget } from '../contracts/notify.js';
import type { Named, RunState } from './progress.js';

interface NotificationInput {
  readonly notification: Notification;
  readonly targets: readonly NotifyTarget[];
}

/** How telling each target ended: what it answered, or why it could not be told. */
type NotificationOutcome = readonly ({ readonly delivered: string } | { readonly failed: string })[];

/** Tells people of one event. A workflow of its own: it outlives the run, which never waits for it. */
export async function notification({
  notification: told,
  targets,
}: NotificationInput): Promise<NotificationOutcome> {
  return Promise.all(
    targets.map(async (target) => {
      try {
        return { delivered: await notifier(target).notify({ notification: told, target }) };
      } catch (error) {
        const cause = error instanceof ActivityFailure ? (error.cause ?? error) : error;
        return { failed: cause instanceof Error ? cause.message : String(cause) };
      }
    }),
  );
}

const notifier = ({ attempts }: NotifyTarget) =>
  proxyActivities<{ notify(request: NotifyRequest): Promise<string> }>({
    taskQueue: TASK_QUEUE.cpu,
    startToCloseTimeout: '5 minutes', // the target's own timeout is shorter
    scheduleToCloseTimeout: '1 day',
    retry: {
      initialInterval: '1s',
      backoffCoefficient: 4,
      maximumInterval: '5 minutes',
      maximumAttempts: attempts,
    },
  });

/** What is known of an event beside whose it is. */
export type EventFacts = Pick<Notification, 'stage' | 'error' | 'commands' | 'figures'>;

/**
 * Tells whoever the configuration names of an event. Resolves once the telling is under way, however that ends; nothing
 * happens where nobody asked for it.
 */
export async function announce(
  state: RunState<Named>,
  event: NotifyEvent,
  facts: EventFacts = {},
): Promise<void> {
  const targets = (state.config.notify ?? []).filter(({ on }) => on.includes(event));
  if (targets.length === 0) return;
  state.notices = (state.notices ?? 0) + 1;
  const { workflowId } = workflowInfo();
  const told: Notification = {
    ...{ event, runId: workflowId, name: state.config.name, at: new Date().toISOString() },
    text: sentence(workflowId, event, facts),
    ...facts,
  };
  const start = (): Promise<unknown> =>
    startChild<typeof notification>(NOTIFICATION_WORKFLOW, {
      args: [{ notification: told, targets }],
      workflowId: `notification/${workflowId}/${state.notices}`,
      taskQueue: TASK_QUEUE.workflow,
      parentClosePolicy: ParentClosePolicy.ABANDON,
      staticSummary: told.text.slice(0, 200),
    });
  // Whoever can't be told is no reason to fail: a run that was reset has told it already.
  await CancellationScope.nonCancellable(start).catch(() => undefined);
}

const SAYS: Readonly<Record<NotifyEvent, string>> = {
  blocked: 'is blocked',
  waiting: 'waits for approval',
  failed: 'has failed',
  completed: 'is complete',
  promoted: 'has promoted its model',
  drift: 'has found drift',
};

function sentence(runId: string, event: NotifyEvent, { stage, error, commands }: EventFacts): string {
  const where = stage === undefined ? '' : ` at ${stage}`;
  const why = error === undefined ? '' : `: ${error.slice(0, 500)}`;
  const next = commands?.[0] === undefined ? '' : `\nnext: ${commands[0]}`;
  return `${runId} ${SAYS[event]}${where}${why}${next}`;
}
