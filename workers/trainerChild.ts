import { fork, type ChildProcess } from 'node:child_process';
import { ApplicationFailure } from '@temporalio/common';
import { toApplicationFailure } from '../activities/failure.js';
import type { TrainerListener } from '../activities/runner.js';
import type { StageOutput, StageRequest } from '../contracts/stage.js';
import { inheritedNodeFlags, modulePath } from '../infra/modules.js';
import type { FromTrainer, ToTrainer, TracedJob, TrainerSettings } from './protocol.js';

const STDERR_BYTES = 8_000;
const LINES_TOLD = 8;
/** After the end of a child, its last words may still be on the way. */
const LAST_WORDS_MS = 300;

interface RunningJob {
  readonly job: TracedJob;
  readonly listener: TrainerListener;
  readonly resolve: (output: StageOutput) => void;
  readonly reject: (error: unknown) => void;
}

/** One trainer child, seen from its worker. */
export class TrainerChild {
  readonly #process: ChildProcess;
  readonly #ended: Promise<void>;
  #running: RunningJob | undefined;
  #stderr = '';
  #isAlive = true;

  constructor(
    settings: TrainerSettings,
    readonly abortGraceMs: number,
    log: (line: string, request: StageRequest | undefined) => void,
  ) {
    this.#process = fork(modulePath(import.meta.url, './trainer'), [JSON.stringify(settings)], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      serialization: 'advanced',
      execArgv: inheritedNodeFlags(),
    });
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        this.#stderr = (this.#stderr + chunk.toString()).slice(-STDERR_BYTES);
        log(chunk.toString().trimEnd(), this.#running?.job.request);
      });
    }
    this.#process.on('message', (message: FromTrainer) => this.#receive(message));
    this.#process.on('error', (error) => this.#finish((running) => running.reject(error)));
    this.#ended = this.#watchEnd();
  }

  /** False once it has ended: it takes no further job. */
  get isAlive(): boolean {
    return this.#isAlive;
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** Runs one job; the child must be idle. Rejects with the signal's reason once that is aborted. */
  run(job: TracedJob, listener: TrainerListener): Promise<StageOutput> {
    const promise = new Promise<StageOutput>((resolve, reject) => {
      this.#running = { job, listener, resolve, reject };
    });
    this.#send({ type: 'run', job });
    const abort = (): void => {
      this.#send({ type: 'abort' });
      overdue = setTimeout(() => this.#kill(), this.abortGraceMs);
    };
    let overdue: NodeJS.Timeout | undefined;
    if (listener.signal.aborted) abort();
    else listener.signal.addEventListener('abort', abort, { once: true });
    return promise.finally(() => {
      clearTimeout(overdue);
      listener.signal.removeEventListener('abort', abort);
    });
  }

  /** Asks for a checkpoint, and for the job back. */
  handBack(): void {
    this.#send({ type: 'handBack' });
  }

  get isBusy(): boolean {
    return this.#running !== undefined;
  }

  /** Ends the child and waits until it is gone. */
  async stop(): Promise<void> {
    if (this.#process.connected) this.#process.disconnect();
    const overdue = setTimeout(() => this.#kill(), this.abortGraceMs);
    await this.#ended;
    clearTimeout(overdue);
  }

  /** From here on it takes no job, although its end is told a little later. */
  #kill(): void {
    this.#isAlive = false;
    this.#process.kill('SIGKILL');
  }

  #send(message: ToTrainer): void {
    // A child that is gone is told of by its end; there is nothing to add here.
    if (this.#process.connected) this.#process.send(message, () => undefined);
  }

  #receive(message: FromTrainer): void {
    switch (message.type) {
      case 'progress':
        this.#running?.listener.progress(message.progress);
        return;
      case 'checkpoint':
        this.#running?.listener.checkpoint(message.position);
        return;
      case 'done':
        this.#finish((running) => running.resolve(message.output));
        return;
      case 'failed':
        this.#finish((running) => running.reject(toApplicationFailure(message.failure)));
    }
  }

  /** A job that was cancelled ends as cancelled, whatever killing it looked like from outside. */
  #finish(settle: (running: RunningJob) => void): void {
    const running = this.#running;
    this.#running = undefined;
    if (running === undefined) return;
    const { signal } = running.listener;
    if (signal.aborted) running.reject(signal.reason);
    else settle(running);
  }

  #watchEnd(): Promise<void> {
    return new Promise((resolve) => {
      this.#process.once('exit', (code, signal) => {
        this.#isAlive = false;
        const end = (): void => {
          clearTimeout(silence);
          this.#finish((running) => running.reject(crash(running.job, code, signal, this.#stderr)));
          resolve();
        };
        const silence = setTimeout(end, LAST_WORDS_MS);
        this.#process.once('close', end);
      });
      this.#process.once('error', () => {
        // It could not even be started, or not be killed: only in the first case there is no `exit` to come.
        if (this.#process.pid !== undefined) return;
        this.#isAlive = false;
        resolve();
      });
    });
  }
}

function crash(
  job: TracedJob,
  code: number | null,
  signal: NodeJS.Signals | null,
  stderr: string,
): ApplicationFailure {
  const lines = stderr.trim().split('\n').slice(-LINES_TOLD).join('\n');
  const how = signal === null ? `exit code ${String(code)}` : `signal ${signal}`;
  const told = lines === '' ? '' : `\nIts last lines:\n${lines}`;
  return ApplicationFailure.retryable(
    `${job.request.path}: the trainer child ended with ${how}${likelyCause(signal, stderr)}${told}`,
    'TrainerCrashedError',
  );
}

function likelyCause(signal: NodeJS.Signals | null, stderr: string): string {
  if (/heap out of memory|Allocation failed|bad_alloc|Cannot allocate memory/i.test(stderr)) {
    return ': out of memory. Lower model.batchSize (networks) or ASSAY_WORKER_PROCESSES, or raise NODE_OPTIONS=--max-old-space-size=MEGABYTES';
  }
  if (signal === 'SIGKILL') {
    return ': killed by hand, or by the kernel because the machine ran out of memory (then lower ASSAY_WORKER_PROCESSES)';
  }
  return '';
}
