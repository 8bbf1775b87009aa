import { ActivityCancellationType, proxyActivities } from '@temporalio/workflow';
import type { RunConfig } from '../../config/runConfig.js';
import type { StageRequest, StageResult } from '../../contracts/stage.js';
import { newRunState } from '../../workflows/progress.js';
import { createStageRunner } from '../../workflows/stages.js';

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

/** One stage of so many shards, on the queue of the GPU. */
export async function wide(config: RunConfig, shards: number): Promise<void> {
  const runner = createStageRunner(newRunState(config), 'gpu');
  await runner.run('wide', () =>
    Array.from({ length: shards }, (_, i) => ({
      path: `wide.${String(i)}`,
      stage: 'echo',
      summary: '',
      seed: i,
      params: {},
      inputs: {},
      onDevice: true as const,
    })),
  );
}
