import { ActivityCancellationType, proxyActivities } from '@temporalio/workflow';
import type { StageRequest, StageResult } from '../../contracts/stage.js';

const stages = proxyActivities<Record<string, (request: StageRequest) => Promise<StageResult>>>({
  taskQueue: 'assay-cpu',
  startToCloseTimeout: '5 minutes',
  heartbeatTimeout: '3 seconds',
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: { initialInterval: '50ms', maximumAttempts: 3 },
});

/** Runs stages one after the other. */
export async function inOrder(requests: StageRequest[]): Promise<StageResult[]> {
  const results: StageResult[] = [];
  for (const request of requests) results.push(await stages[request.stage]!(request));
  return results;
}

/** Runs stages all at once. */
export async function atOnce(requests: StageRequest[]): Promise<number> {
  const results = await Promise.all(requests.map((request) => stages[request.stage]!(request)));
  return results.length;
}
