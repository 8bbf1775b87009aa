import { fork, type ChildProcess } from 'node:child_process';
import { ConfigError } from '../contracts/errors.js';
import type { WorkerMessage, WorkerSettings } from '../contracts/worker.js';
import { inheritedNodeFlags, modulePath } from './modules.js';

/** The worker's own exit code for "starting again won't help". */
const EXIT_CONFIG = 78;
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 10_000;
/** Who has lived that long starts again without a pause. */
const HEALTHY_AFTER_MS = 30_000;
const STOP_WITHIN_MS = 6_000;

export interface WorkerSupervisorOptions {
  readonly settings: WorkerSettings;
  /** Told of restarts. */
  readonly log: (line: string) => void;
}

/** A worker process that is started again whenever it dies. */
export class WorkerSupervisor {
  #process: ChildProcess | undefined;
  #isStopping = false;
  #pauseMs = FIRST_PAUSE_MS;
  #restart: NodeJS.Timeout | undefined;

  constructor(readonly options: WorkerSupervisorOptions) {}

  /** Of the process as it is now. */
  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /**
   * Starts the worker; resolves when it polls for work.
   *
   * @throws ConfigError with the worker's own words when it ends before
   */
  async start(): Promise<void> {
    const child = this.#spawn();
    let stderr = '';
    child.stderr?.on('data', (chunk: Buffer) => (stderr = (stderr + chunk.toString()).slice(-4_000)));
    await new Promise<void>((resolve, reject) => {
      child.once('message', (message: WorkerMessage) => {
        if (message.type === 'ready') resolve();
      });
      child.once('error', reject);
      child.once('close', (code, signal) => {
        const how = signal ?? `exit code ${String(code)}`;
        reject(new ConfigError(`the worker ended with ${how} before it was ready: ${stderr.trim()}`));
      });
    });
    this.#watch(child, Date.now());
  }

  /** Ends the worker in order, or by force after some seconds, and waits until it is gone. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    clearTimeout(this.#restart);
    const child = this.#process;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    const overdue = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
    await ended;
    clearTimeout(overdue);
  }

  #spawn(): ChildProcess {
    const child = fork(
      modulePath(import.meta.url, '../workers/process'),
      [JSON.stringify(this.options.settings)],
      // In a process group of its own: Ctrl-C reaches us only, and we end things in order.
      { execArgv: inheritedNodeFlags(), stdio: ['ignore', 'ignore', 'pipe', 'ipc'], detached: true },
    );
    this.#process = child;
    return child;
  }

  #watch(child: ChildProcess, startedAtMs: number): void {
    child.stderr?.resume();
    const ended = (code: number | null, signal: NodeJS.Signals | null): void => {
      if (this.#isStopping) return;
      const how = signal ?? `exit code ${String(code)}`;
      if (code === EXIT_CONFIG) {
        this.options.log(`the worker ended with ${how} and is not started again; see \`assay logs\``);
        return;
      }
      if (Date.now() - startedAtMs > HEALTHY_AFTER_MS) this.#pauseMs = FIRST_PAUSE_MS;
      this.options.log(`the worker ended with ${how}; it starts again in ${String(this.#pauseMs)} ms`);
      this.#restart = setTimeout(() => this.#watch(this.#spawn(), Date.now()), this.#pauseMs);
      this.#pauseMs = Math.min(this.#pauseMs * 2, LONGEST_PAUSE_MS);
    };
    if (child.exitCode !== null || child.signalCode !== null) ended(child.exitCode, child.signalCode);
    else child.once('exit', ended);
  }
}
