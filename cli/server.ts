import { createConnection } from 'node:net';
import { Client } from '@temporalio/client';
import { ConfigError } from '../contracts/errors.js';
import { TASK_QUEUE } from '../contracts/names.js';
import { dataConverter } from '../infra/temporal/codec.js';
import { connect, connectionSettings } from '../infra/temporal/connect.js';
import { readDevState } from '../infra/devState.js';
import { openTracing } from '../infra/tracing/open.js';
import { directories } from './directories.js';
import { CliError, EXIT } from './exit.js';

export interface ServerOptions {
  readonly address?: string;
  readonly namespace?: string;
}

/** An open connection to a Temporal server. */
export interface Server {
  readonly client: Client;
  readonly address: string;
  readonly namespace: string;
  close(): Promise<void>;
}

const CONNECT_WITHIN_MS = 4_000;
const PROBE_WITHIN_MS = 2_000;
/** A long poll lasts a minute; who has not asked for longer is gone. */
const POLLER_IS_GONE_AFTER_MS = 75_000;

/** @throws CliError (exit 3) that offers `assay dev` when no server answers */
export async function openServer(options: ServerOptions): Promise<Server> {
  const { namespace } = options;
  const address = options.address ?? addressOfDev();
  const target = connectionSettings(address === undefined ? {} : { address }).connectionOptions.address;
  if (await isRefused(target)) throw noServer(target);
  try {
    const opened = await connect({
      timeoutMs: CONNECT_WITHIN_MS,
      ...(address === undefined ? {} : { address }),
      ...(namespace === undefined ? {} : { namespace }),
    });
    const converter = dataConverter(process.env);
    const tracing = await openTracing('assay', process.env);
    const client = new Client({
      connection: opened.connection,
      namespace: opened.namespace,
      ...(tracing
        ? { interceptors: { workflow: [(await import('../infra/tracing/temporal.js')).clientInterceptor()] } }
        : {}),
      ...(converter ? { dataConverter: converter } : {}),
    });
    return {
      client,
      address: opened.address,
      namespace: opened.namespace,
      async close() {
        await opened.connection.close();
        await tracing?.stop();
      },
    };
  } catch (cause) {
    if (!/no Temporal server answers/.test(cause instanceof Error ? cause.message : '')) throw cause;
    if (cause instanceof ConfigError && cause.message.includes('TLS'))
      throw new CliError(cause.message, EXIT.noServer, [], { cause: cause.cause });
    throw noServer(target, cause);
  }
}

/** What names a server, or a file that does. */
const SERVER_VARIABLES = ['TEMPORAL_ADDRESS', 'TEMPORAL_CONFIG_FILE', 'TEMPORAL_PROFILE'];

/** Where `assay dev` runs for this folder, unless the environment names a server. */
const addressOfDev = (): string | undefined =>
  SERVER_VARIABLES.some((name) => (process.env[name] ?? '') !== '')
    ? undefined
    : readDevState(directories().root)?.address;

const noServer = (at: string, cause?: unknown): CliError =>
  new CliError(
    `no Temporal server answers at ${at}`,
    EXIT.noServer,
    [
      'assay dev                         starts one here, with workers',
      'assay run FILE --standalone        starts one for this run alone',
      'TEMPORAL_ADDRESS=host:port assay … uses another one',
    ],
    { cause },
  );

/** True when it is certain at once that nobody listens there; anything else takes a real attempt. */
async function isRefused(address: string): Promise<boolean> {
  const [, host, port] = /^\[?([^\]]+?)\]?:(\d+)$/.exec(address) ?? [];
  if (host === undefined || port === undefined) return false;
  const socket = createConnection({ host, port: Number(port), timeout: PROBE_WITHIN_MS });
  try {
    return await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(false));
      socket.once('timeout', () => resolve(false));
      socket.once('error', ({ code }: NodeJS.ErrnoException) =>
        resolve(code === 'ECONNREFUSED' || code === 'ENOTFOUND'),
      );
    });
  } finally {
    socket.destroy();
  }
}

/** Opens a connection for the time of some work. */
export async function withServerOpen<T>(
  options: ServerOptions,
  work: (server: Server) => Promise<T>,
): Promise<T> {
  const server = await openServer(options);
  try {
    return await work(server);
  } finally {
    await server.close();
  }
}

/**
 * Which of a run's task queues nobody takes work from.
 *
 * @param device where the run computes its networks
 */
export async function queuesWithoutWorker(
  server: Server,
  nowMs: number,
  device: 'cpu' | 'gpu' = 'cpu',
): Promise<string[]> {
  const names = [TASK_QUEUE.workflow, TASK_QUEUE.cpu, ...(device === 'gpu' ? [TASK_QUEUE.gpu] : [])];
  const served = await Promise.all(names.map((name) => isServed(server, name, nowMs)));
  return names.filter((_, i) => !served[i]);
}

/** Whether a worker takes work from a queue. */
export async function isServed(server: Server, queue: string, nowMs: number): Promise<boolean> {
  const { pollers } = await server.client.workflowService.describeTaskQueue({
    namespace: server.namespace,
    taskQueue: { name: queue },
    taskQueueType: queue === TASK_QUEUE.workflow ? 1 : 2, // workflow tasks, activities
  });
  return (pollers ?? []).some(
    ({ lastAccessTime }) => nowMs - Number(lastAccessTime?.seconds ?? 0) * 1000 < POLLER_IS_GONE_AFTER_MS,
  );
}

/** What to type so that a queue gets a worker. */
export function workerCommand(queue: string, { address }: Pick<Server, 'address'>): string {
  const role = queue.replace(/^assay-/, '');
  return `TEMPORAL_ADDRESS=${address} assay worker --role ${role}`;
}
