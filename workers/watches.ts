import type { NativeConnection, Worker } from '@temporalio/worker';
import { openStore } from '../storage/open.js';
import type { WorkerConfiguration } from './configuration.js';
import { openHealth } from './health.js';
import type { WorkerLog } from './log.js';
import type { WorkerMetrics } from './metrics.js';
import type { ChildPool } from './pool.js';
import { measureServer } from './serverMetrics.js';

const MEASURE_EVERY_MS = 1_000;
const MEASURE_SERVER_EVERY_MS = 15_000;

interface Measured {
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly pools: readonly ChildPool[];
  readonly metrics: WorkerMetrics;
  readonly log: WorkerLog;
}

/** Gauges that nothing tells us of: asked for from time to time. @returns how to stop that */
export function measure(
  { roles }: WorkerConfiguration,
  { connection, namespace, pools, metrics, log }: Measured,
): (() => void)[] {
  const byRole = roles.filter((role) => role !== 'workflow').map((role, i) => [role, pools[i]!] as const);
  const askServer = (): void =>
    void measureServer(connection, namespace, metrics).catch((error: unknown) =>
      log('debug', 'the server was not measured', { error: String(error) }),
    );
  const timers = [
    setInterval(
      () => byRole.forEach(([role, pool]) => metrics.children(role, pool.pids.length, pool.busy)),
      MEASURE_EVERY_MS,
    ),
    ...(roles.includes('workflow') ? [setInterval(askServer, MEASURE_SERVER_EVERY_MS)] : []),
  ];
  if (roles.includes('workflow')) askServer();
  return timers.map((timer) => () => clearInterval(timer));
}

/** Opens the health endpoint, where one is asked for. @returns how to close it */
export async function serveHealth(
  { health, trainer }: WorkerConfiguration,
  { connection, workers }: { readonly connection: NativeConnection; readonly workers: readonly Worker[] },
): Promise<(() => void)[]> {
  if (health === undefined) return [];
  const store = await openStore(trainer.storeUri);
  const server = await openHealth(health, {
    polls: () => Promise.resolve(workers.every((worker) => worker.getState() === 'RUNNING')),
    temporal: () => connection.workflowService.getSystemInfo({}).then(() => true),
    store: async () => (await store.head('store.json')) !== undefined,
  });
  return [() => server.close()];
}
