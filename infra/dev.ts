import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { ConfigError } from '../contracts/errors.js';
import type { Role } from '../contracts/names.js';
import type { WorkerSettings } from '../contracts/worker.js';
import { claimDirectory, readDevState, releaseDirectory, writeDevState } from './devState.js';
import { freePorts } from './freePort.js';
import { connect } from './temporal/connect.js';
import { startTemporalServer, type TemporalServer } from './temporal/startServer.js';
import { WorkerSupervisor } from './workerProcess.js';

/** Whoever pressed Ctrl-C waits; what is cut off resumes from its checkpoint. */
const GRACE_MS = 1_000;

export interface DevOptions {
  /** Holds Temporal's database, logs, scratch space and, by default, the store. @default .assay */
  readonly directory?: string;
  /** @default ASSAY_STORE, else the folder `store` below the directory */
  readonly storeUri?: string;
  /** Of Temporal. @default a free one */
  readonly port?: number;
  /** Of Temporal's UI. @default a free one */
  readonly uiPort?: number;
  readonly namespace?: string;
  /** @default workflow and cpu */
  readonly roles?: readonly Role[];
  /** Trainer children. @default ASSAY_WORKER_PROCESSES, else one per core */
  readonly processes?: number;
  /** What to do where the services of this directory run already. @default refuse when a port is given, else reuse */
  readonly ifRunning?: 'refuse' | 'reuse';
  /** Told of downloads and restarts. */
  readonly log?: (line: string) => void;
  /** More of what workers are started with (tests). */
  readonly worker?: Partial<WorkerSettings>;
}

export interface DevServices {
  readonly address: string;
  readonly namespace: string;
  readonly uiUrl: string;
  /** Where Prometheus scrapes the worker; undefined where it is not known. */
  readonly metricsUrl?: string;
  /** True when they ran before, or elsewhere, and `stop` leaves them running. */
  readonly isForeign: boolean;
  /** Of the worker process as it is now; undefined where another process keeps it. */
  workerPid(): number | undefined;
  /** Settles when the Temporal server has ended, asked or not. Never where it is foreign. */
  readonly ended: Promise<void>;
  /** Ends workers and server in order and waits until they are gone. May be called twice. */
  stop(): Promise<void>;
}

/**
 * Starts all that a run needs on this machine: Temporal with its UI, on disk, and a worker that is restarted when it
 * dies. Where TEMPORAL_ADDRESS names a server, that one is used. Everything ends with this process, even when it is killed.
 *
 * @throws MissingToolError when there is no Temporal; ConfigError when ports or the directory are in use
 */
export async function startDev(options: DevOptions = {}): Promise<DevServices> {
  const directory = resolve(options.directory ?? '.assay');
  await mkdir(join(directory, 'logs'), { recursive: true });
  if (!claimDirectory(directory)) return useRunning(directory, options);
  const started: { stop(): Promise<void> }[] = [];
  const stop = once(async () => {
    for (const service of started.reverse()) await service.stop();
    releaseDirectory(directory);
  });
  try {
    const server = await openServer(directory, options);
    if (server.isOwn) started.push(server);
    const [metricsPort = 0] = await freePorts(1);
    const metrics = `127.0.0.1:${String(metricsPort)}`;
    const worker = new WorkerSupervisor({
      settings: { metrics, graceMs: GRACE_MS, ...workerSettings(directory, server, options) },
      log: options.log ?? (() => undefined),
    });
    started.push(worker);
    await worker.start();
    const { address, namespace, uiUrl, ended } = server;
    const metricsUrl = `http://${metrics}/metrics`;
    writeDevState(directory, { pid: process.pid, address, uiUrl, namespace, metricsUrl });
    return {
      address,
      namespace,
      uiUrl,
      metricsUrl,
      ended,
      isForeign: false,
      workerPid: () => worker.pid,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

type OpenServer = Pick<TemporalServer, 'address' | 'namespace' | 'uiUrl' | 'ended' | 'stop'> & {
  readonly isOwn: boolean;
};

async function openServer(directory: string, options: DevOptions): Promise<OpenServer> {
  if ((process.env['TEMPORAL_ADDRESS'] ?? '') !== '') return openForeignServer();
  const { port, uiPort, namespace, log } = options;
  const server = await startTemporalServer({
    databaseFile: join(directory, 'temporal.db'),
    logFile: join(directory, 'logs', 'temporal.log'),
    ...(port === undefined ? {} : { port }),
    ...(uiPort === undefined ? {} : { uiPort }),
    ...(namespace === undefined ? {} : { namespace }),
    ...(log === undefined ? {} : { log }),
  });
  return { ...server, isOwn: true };
}

async function openForeignServer(): Promise<OpenServer> {
  const { connection, address, namespace } = await connect();
  await connection.close();
  return {
    address,
    namespace,
    uiUrl: `http://${address.replace(/:\d+$/, '')}:8233`,
    ended: forever,
    stop: () => Promise.resolve(),
    isOwn: false,
  };
}

function workerSettings(
  directory: string,
  server: Pick<OpenServer, 'address' | 'namespace'>,
  options: DevOptions,
): WorkerSettings {
  const { roles = ['workflow', 'cpu'], processes, storeUri, worker } = options;
  return {
    roles: [...roles],
    directory,
    address: server.address,
    namespace: server.namespace,
    ...(processes === undefined ? {} : { processes }),
    ...(storeUri === undefined ? {} : { storeUri }),
    ...worker,
  };
}

/** The services of this directory run in another process: one database can't have two servers. */
async function useRunning(directory: string, options: DevOptions): Promise<DevServices> {
  const state = readDevState(directory);
  const { ifRunning = options.port === undefined ? 'reuse' : 'refuse' } = options;
  if (ifRunning === 'refuse' || state?.address === undefined) {
    throw new ConfigError(
      `${directory} is in use by process ${String(state?.pid)}${state?.address === undefined ? '' : `, Temporal at ${state.address}`}: ` +
        'stop that one, or set ASSAY_DIRECTORY to another folder',
    );
  }
  const { connection, address, namespace } = await connect({ address: state.address });
  await connection.close();
  options.log?.(`using the services that run already, Temporal at ${address}`);
  return {
    address,
    namespace: state.namespace ?? namespace,
    uiUrl: state.uiUrl ?? '',
    ...(state.metricsUrl === undefined ? {} : { metricsUrl: state.metricsUrl }),
    isForeign: true,
    workerPid: () => undefined,
    ended: forever,
    stop: () => Promise.resolve(),
  };
}

const forever = new Promise<void>(() => undefined);

function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => (done ??= work());
}
