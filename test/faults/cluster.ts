import { fork, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import type { RunConfig } from '../../config/runConfig.js';
import { RESOLVE_UPDATE, STATUS_QUERY, TASK_QUEUE, TRAIN_WORKFLOW } from '../../contracts/names.js';
import type { ResolveStage, RunOutcome, RunStatus } from '../../contracts/run.js';
import type { WorkerMessage, WorkerSettings } from '../../contracts/worker.js';
import { freePorts } from '../../infra/freePort.js';
import {
  startTemporalServer,
  type TemporalServer,
  type TemporalServerOptions,
} from '../../infra/temporal/startServer.js';
import { inheritedNodeFlags, modulePath } from '../../infra/modules.js';
import { traitsOf } from '../../cli/startRun.js';
import type { train, TrainInput } from '../../workflows/train.js';
import { toyCsv } from '../fakes/toyRun.js';

export interface WorkerProcess {
  readonly process: ChildProcess;
  readonly trainerPids: readonly number[];
  /** SIGKILL, and wait until it is gone. */
  kill(): Promise<void>;
}

/** What a worker process is started with beside its settings. */
export interface Surroundings {
  readonly environment?: NodeJS.ProcessEnv;
  /** Where relative paths start. @default this process's */
  readonly cwd?: string;
  /** For it and its trainer children. */
  readonly nodeFlags?: readonly string[];
  /** A program, with arguments, that runs the command which follows. */
  readonly launcher?: readonly [string, ...string[]];
}

/** A real server on disk, real workers, one folder for everything; `stop` leaves nothing behind. */
export interface Cluster {
  readonly folder: string;
  readonly client: Client;
  readonly address: string;
  /** Of Temporal's own UI. */
  readonly uiUrl: string;
  startWorker(
    store: string,
    more?: Partial<WorkerSettings>,
    surroundings?: Surroundings,
  ): Promise<WorkerProcess>;
  start(id: string, config: RunConfig, device?: TrainInput['device']): Promise<WorkflowHandle<typeof train>>;
  /** SIGKILLs the Temporal server and starts it again on the same file and port. */
  crashServer(downMs: number): Promise<void>;
  stop(): Promise<void>;
}

export async function startCluster(
  rows: number,
  noise: number,
  dynamicConfig: TemporalServerOptions['dynamicConfig'] = {},
): Promise<Cluster> {
  const folder = await mkdtemp(join(tmpdir(), 'assay-cluster-'));
  await writeFile(join(folder, 'toy.csv'), toyCsv(rows, noise));
  const [port = 0, uiPort = 0] = await freePorts(2);
  const boot = (): Promise<TemporalServer> =>
    startTemporalServer({ databaseFile: join(folder, 'temporal.db'), port, uiPort, dynamicConfig });
  let server = await boot();
  const connection = await Connection.connect({ address: server.address });
  const client = new Client({ connection });
  const workers = new Set<ChildProcess>();
  return {
    folder,
    client,
    address: server.address,
    uiUrl: server.uiUrl,
    async startWorker(store, more = {}, surroundings = {}) {
      const settings: WorkerSettings = {
        roles: ['workflow', 'cpu'],
        address: server.address,
        directory: join(folder, store),
        processes: 2,
        checkpointIntervalMs: 20,
        ...more,
      };
      const worker = await forkWorker(settings, surroundings);
      workers.add(worker.process);
      return worker;
    },
    start(id, config, device = 'cpu') {
      const input = { ...traitsOf(config), config, strengths: [1], device };
      const options = { workflowId: id, taskQueue: TASK_QUEUE.workflow, args: [input] as [TrainInput] };
      return client.workflow.start<typeof train>(TRAIN_WORKFLOW, options);
    },
    async crashServer(downMs) {
      process.kill(server.pid, 'SIGKILL');
      await server.ended;
      await sleep(downMs);
      server = await boot();
    },
    async stop() {
      for (const worker of workers) worker.kill('SIGKILL');
      await connection.close();
      await server.stop();
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

async function forkWorker(
  settings: WorkerSettings,
  { environment, cwd, nodeFlags = [], launcher: [program, ...before] = [process.execPath] }: Surroundings,
): Promise<WorkerProcess> {
  const child = fork(modulePath(import.meta.url, '../../workers/process'), [JSON.stringify(settings)], {
    execPath: program,
    execArgv: [
      ...before,
      ...(program === process.execPath ? [] : [process.execPath]),
      // From another folder, a loader's bare name would not be found.
      ...inheritedNodeFlags().map((flag) => (flag === 'tsx' ? import.meta.resolve(flag) : flag)),
      ...nodeFlags,
    ],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, ...environment },
    ...(cwd === undefined ? {} : { cwd }),
  });
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const { trainerPids } = await new Promise<WorkerMessage>((resolve, reject) => {
    child.once('message', resolve);
    void gone.then(() => reject(new Error('the worker ended before it was ready')));
  });
  return {
    process: child,
    trainerPids,
    kill: () => {
      child.kill('SIGKILL');
      return gone;
    },
  };
}

/** Asks for the run's status until it fits; a worker must be there to answer. */
export async function untilStatus(
  handle: WorkflowHandle,
  fits: (status: RunStatus) => boolean,
  withinMs = 60_000,
): Promise<RunStatus> {
  const end = Date.now() + withinMs;
  let last: RunStatus | undefined;
  while (Date.now() < end) {
    last = await handle.query<RunStatus>(STATUS_QUERY).catch(() => last);
    if (last && fits(last)) return last;
    await sleep(15);
  }
  throw new Error(`not within ${withinMs} ms; last status: ${JSON.stringify(last)}`);
}

/** Waits until a run is blocked. */
export const untilBlocked = async (
  handle: WorkflowHandle,
  withinMs?: number,
): Promise<NonNullable<RunStatus['blocked']>> =>
  (await untilStatus(handle, ({ state }) => state === 'blocked', withinMs)).blocked!;

/** What `assay retry` sends. */
export const retry = (handle: WorkflowHandle, stage: string): Promise<string> =>
  handle.executeUpdate<string, [ResolveStage]>(RESOLVE_UPDATE, { args: [{ action: 'retry', stage }] });

/** Whether a fan-out is under way: some of its shards are done. */
export const runningAt =
  (stage: string) =>
  ({ stages }: RunStatus): boolean =>
    stages.some(
      ({ path, state, shards }) => path === stage && state === 'running' && (shards?.done ?? 0) >= 1,
    );

/** What a run leaves behind, without report, in whatever form, and card (they tell times). */
export function lasting({ outputs }: RunOutcome): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(outputs).filter(([name]) => !['report', 'markdown', 'summary', 'card'].includes(name)),
  );
}

/** Whether a process runs; one that ended and was not yet collected by its parent does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const stat = existsSync('/proc') ? readFileSync(`/proc/${pid}/stat`, 'utf8') : '';
  return !/^\d+ \(.*\) Z/.test(stat);
}
