import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import type { WorkerMessage, WorkerSettings } from '../contracts/worker.js';
import { inheritedNodeFlags, modulePath } from '../infra/modules.js';

/** A worker as a child process. */
export interface WorkerProcess {
  /** Settles when it takes work. @throws Error when it ends before */
  readonly ready: Promise<void>;
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
  /** Asks it to stop in order. */
  stop(signal?: NodeJS.Signals): void;
}

/** Starts a worker in a process group of its own: Ctrl-C reaches us alone, and we pass it on once. */
export function startWorkerProcess(settings: WorkerSettings, output: 'inherit' | 'ignore'): WorkerProcess {
  const entry = modulePath(import.meta.url, '../workers/process');
  const stdio: StdioOptions = ['ignore', output, 'pipe', 'ipc'];
  const child = spawn(process.execPath, [...inheritedNodeFlags(), entry, JSON.stringify(settings)], {
    stdio,
    detached: true,
  });
  const lastWords = collectErrors(child, output);
  const ended = new Promise<Awaited<WorkerProcess['ended']>>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
    child.once('error', () => resolve({ code: null, signal: null }));
  });
  const ready = new Promise<void>((resolve, reject) => {
    child.on('message', (message: WorkerMessage) => {
      if (message.type === 'ready') resolve();
    });
    void ended.then(({ code, signal }) =>
      reject(new Error(lastWords() || `the worker ended with ${signal ?? `code ${String(code)}`}`)),
    );
  });
  ready.catch(() => undefined);
  return { ready, ended, stop: (signal = 'SIGTERM') => void child.kill(signal) };
}

function collectErrors(child: ChildProcess, output: 'inherit' | 'ignore'): () => string {
  let tail = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    tail = (tail + chunk.toString()).slice(-4_000);
    if (output === 'inherit') process.stderr.write(chunk);
  });
  return () => tail.trim();
}
