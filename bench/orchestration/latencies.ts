import { setTimeout as sleep } from 'node:timers/promises';
import { defaultPayloadConverter } from '@temporalio/common';
import type { Client, WorkflowHandle } from '@temporalio/client';
import { StageHeartbeat } from '../../contracts/heartbeat.js';
import type { StageRequest } from '../../contracts/stage.js';

/** Starts a workflow of one stage. */
export type Start = (request: Pick<StageRequest, 'stage' | 'params'>) => Promise<WorkflowHandle>;

/** Milliseconds from cancelling a run until its stage has ended, its trainer child stopped or killed. */
export async function cancelledMs(
  start: Start,
  request: Pick<StageRequest, 'stage' | 'params'>,
): Promise<number> {
  const handle = await start(request);
  await untilPending(handle, ({ state }) => state === 'running');
  const asked = performance.now();
  await handle.cancel();
  // The stage says that it was cancelled only when its child has let go of it, or is gone.
  await handle.result().catch(() => undefined);
  return performance.now() - asked;
}

/** Milliseconds from SIGKILL of the worker until its stage is tried again, by the worker that took its place. */
export async function resumedMs(
  start: Start,
  workerPid: () => number | undefined,
  request: Pick<StageRequest, 'stage' | 'params'>,
): Promise<number> {
  const handle = await start(request);
  await untilPending(handle, ({ checkpoint }) => checkpoint !== undefined);
  const killedAtMs = Date.now();
  process.kill(workerPid() ?? 0, 'SIGKILL');
  const resumedAtMs = await untilSecondAttempt(handle);
  await handle.terminate();
  return resumedAtMs - killedAtMs;
}

async function untilPending(
  handle: WorkflowHandle,
  fits: (heartbeat: StageHeartbeat) => boolean,
): Promise<void> {
  for (;;) {
    const { raw } = await handle.describe();
    const payload = raw.pendingActivities?.[0]?.heartbeatDetails?.payloads?.[0];
    if (payload && fits(StageHeartbeat.parse(defaultPayloadConverter.fromPayload(payload)))) return;
    await sleep(20);
  }
}

/** By the server's clock. */
async function untilSecondAttempt(handle: WorkflowHandle): Promise<number> {
  for (;;) {
    const { raw } = await handle.describe();
    const { attempt = 0, lastStartedTime } = raw.pendingActivities?.[0] ?? {};
    const { seconds, nanos } = lastStartedTime ?? {};
    if (attempt !== null && attempt >= 2 && seconds) return Number(seconds) * 1_000 + (nanos ?? 0) / 1e6;
    await sleep(20);
  }
}

/** {@link Start} on a server. */
export const starter =
  (client: Client, requestOf: (stage: string, params: StageRequest['params']) => StageRequest): Start =>
  ({ stage, params }) => {
    const request = requestOf(stage, params);
    const options = { taskQueue: 'assay-workflow', workflowId: `bench-${stage}-${String(request.seed)}` };
    return client.workflow.start('inOrder', { ...options, args: [[request]] });
  };
