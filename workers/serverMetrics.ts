import type { NativeConnection } from '@temporalio/worker';
import { TASK_QUEUE } from '../contracts/names.js';
import type { WorkerMetrics } from './metrics.js';

const ACTIVITY_QUEUE = 2; // TaskQueueType of Temporal's API
const WORKFLOW_QUEUE = 1;
const STATUSES = ['running', 'blocked'] as const;

/**
 * Asks the server what no worker sees by itself: how many runs are open and blocked, who polls the queues, what waits in
 * them. Every worker with the role `workflow` tells the same, so take the maximum over workers.
 */
export async function measureServer(
  { workflowService }: Pick<NativeConnection, 'workflowService'>,
  namespace: string,
  metrics: Pick<WorkerMetrics, 'runs' | 'queue'>,
): Promise<void> {
  for (const status of STATUSES) {
    const query = `ExecutionStatus='Running' AND AssayStatus='${status}'`;
    const { count } = await workflowService.countWorkflowExecutions({ namespace, query });
    metrics.runs(status, Number(count));
  }
  for (const [role, name] of Object.entries(TASK_QUEUE)) {
    const { pollers, stats } = await workflowService.describeTaskQueue({
      namespace,
      taskQueue: { name },
      taskQueueType: role === 'workflow' ? WORKFLOW_QUEUE : ACTIVITY_QUEUE,
      reportStats: true,
    });
    metrics.queue(name, pollers.length, Number(stats?.approximateBacklogCount ?? 0));
  }
}
