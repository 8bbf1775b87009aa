import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { WorkerSettings } from '../contracts/worker.js';
import { startTemporalServer, type TemporalServer } from '../infra/temporal/startServer.js';
import type { Directories } from './directories.js';
import type { Terminal } from './terminal.js';
import { startWorkerProcess, type WorkerProcess } from './workerProcess.js';

/** Temporal, its UI and a worker on this machine. */
export interface Services {
  readonly address: string;
  readonly uiUrl: string;
  readonly namespace: string;
  /** Settles when Temporal has ended, asked or not. */
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

const RESTART_AFTER_MS = 1_000;
const STOP_WITHIN_MS = 20_000;

/** Starts everything on loopback; state, store and logs lie below `.assay`. A worker that dies is started again. */
export async function startServices(
  where: Directories,
  ports: { readonly port?: number; readonly uiPort?: number },
  terminal: Pick<Terminal, 'note' | 'colors'>,
): Promise<Services> {
  const note = (line: string): void => terminal.note(terminal.colors.dim(line));
  await mkdir(where.logs, { recursive: true });
  const server = await startTemporalServer({
    databaseFile: join(where.root, 'temporal.db'),
    logFile: join(where.logs, 'temporal.log'),
    log: note,
    ...ports,
  });
  const workers = keepWorker(workerSettings(server, where), note);
  try {
    await workers.ready;
  } catch (error) {
    await workers.stop();
    await server.stop();
    throw error;
  }
  return {
    address: server.address,
    uiUrl: server.uiUrl,
    namespace: server.namespace,
    ended: server.ended,
    stop: async () => {
      await workers.stop();
      await server.stop();
    },
  };
}

const workerSettings = ({ address, namespace }: TemporalServer, where: Directories): WorkerSettings => ({
  roles: ['workflow', 'cpu'],
  address,
  namespace,
  storeUri: where.storeUri,
  directory: where.root,
});

function keepWorker(
  settings: WorkerSettings,
  note: (line: string) => void,
): { ready: Promise<void>; stop: () => Promise<void> } {
  let isStopping = false;
  let worker: WorkerProcess = startWorkerProcess(settings, 'ignore');
  const first = worker;
  const watch = async (): Promise<void> => {
    await first.ready;
    while (!isStopping) {
      const { code, signal } = await worker.ended;
      if (isStopping) return;
      note(`the worker ended with ${signal ?? `code ${String(code)}`}; starting it again`);
      await sleep(RESTART_AFTER_MS);
      if (!isStopping) worker = startWorkerProcess(settings, 'ignore');
    }
  };
  const watching = watch().catch(() => undefined);
  return {
    ready: first.ready,
    stop: async () => {
      isStopping = true;
      worker.stop();
      const late = sleep(STOP_WITHIN_MS, 'late', { ref: false });
      if ((await Promise.race([worker.ended, late])) === 'late') worker.stop('SIGKILL');
      await worker.ended;
      await watching;
    },
  };
}
