import type { Client } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { timed } from './durable.js';

const QUEUE = 'bare';
/** As many at once as the bench's Assay worker takes: two children, and four ahead. */
const CONCURRENCY = 6;

/** Temporal alone on the same server: its own worker, activities that return at once, nothing recorded or cached. */
export interface BareWorker {
  /** Milliseconds of a fan-out of so many activities. */
  execute(client: Client, count: number): Promise<number>;
  stop(): Promise<void>;
}

/**
 * The floor of every fan-out: what the server and the SDK take on this machine.
 *
 * @param bundle path of the benchmark's workflows
 */
export async function startBareWorker(address: string, bundle: string): Promise<BareWorker> {
  const connection = await NativeConnection.connect({ address });
  const worker = await Worker.create({
    connection,
    taskQueue: QUEUE,
    workflowBundle: { codePath: bundle },
    activities: { bare: (input: object) => Promise.resolve(input) },
    maxConcurrentActivityTaskExecutions: CONCURRENCY,
  });
  const ended = worker.run();
  let next = 0;
  return {
    execute: (client, count) =>
      timed(() =>
        client.workflow.execute('bareAtOnce', {
          taskQueue: QUEUE,
          workflowId: `bare-${String(next++)}`,
          args: [count],
        }),
      ),
    stop: async () => {
      worker.shutdown();
      await ended;
      await connection.close();
    },
  };
}
