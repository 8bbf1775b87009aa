import { ApplicationFailure } from '@temporalio/common';
import { HANDED_BACK } from '../activities/failure.js';
import type { TrainerJob, TrainerListener, TrainerPool } from '../activities/runner.js';
import type { StageOutput, StageRequest } from '../contracts/stage.js';
import type { TracedJob, TrainerSettings } from './protocol.js';
import { TrainerChild } from './trainerChild.js';

export interface PoolOptions {
  /** Children at most; each runs one job at a time. */
  readonly size: number;
  readonly settings: TrainerSettings;
  /** Milliseconds that an aborted job gets before its child is killed. @default 450 */
  readonly abortGraceMs?: number;
  /** Receives what children print, and the request they are at. */
  readonly log?: (line: string, request: StageRequest | undefined) => void;
  /** Of the span that is open where a job is asked for. */
  readonly traceparent?: () => string | undefined;
}

interface WaitingJob {
  readonly job: TracedJob;
  readonly listener: TrainerListener;
  readonly resolve: (output: Promise<StageOutput>) => void;
  readonly reject: (error: unknown) => void;
}

/** Trainer children of one worker. First in, first out; idle children are kept, with what they have read. */
export class ChildPool implements TrainerPool {
  readonly #children = new Set<TrainerChild>();
  readonly #idle: TrainerChild[] = [];
  readonly #waiting: WaitingJob[] = [];
  #isHandingBack = false;

  constructor(readonly options: PoolOptions) {}

  /** Starts a child ahead of the first job. */
  warm(): void {
    if (this.#children.size === 0) this.#idle.push(this.#spawn());
  }

  /** Process ids of the children that are alive. */
  get pids(): number[] {
    return [...this.#children].flatMap((child) =>
      child.isAlive && child.pid !== undefined ? [child.pid] : [],
    );
  }

  run(job: TrainerJob, listener: TrainerListener): Promise<StageOutput> {
    const { signal } = listener;
    if (signal.aborted) return Promise.reject(signal.reason as Error);
    if (this.#isHandingBack) return Promise.reject(handedBack(job));
    return new Promise<StageOutput>((resolve, reject) => {
      const traceparent = this.options.traceparent?.();
      const traced = traceparent === undefined ? job : { ...job, traceparent };
      const waiting: WaitingJob = { job: traced, listener, resolve, reject };
      this.#waiting.push(waiting);
      signal.addEventListener('abort', () => this.#drop(waiting), { once: true });
      this.#dispatch();
    });
  }

  /** Children with a job. */
  get busy(): number {
    return [...this.#children].filter((child) => child.isBusy).length;
  }

  /** Takes no more jobs, gives the waiting ones back, and has the running ones checkpoint and end. */
  handBack(): void {
    this.#isHandingBack = true;
    for (const { job, reject } of this.#waiting.splice(0)) reject(handedBack(job));
    for (const child of this.#children) child.handBack();
  }

  /** Ends all children and waits until they are gone; their jobs fail as crashed. */
  async close(): Promise<void> {
    await Promise.all([...this.#children].map((child) => child.stop()));
    this.#children.clear();
  }

  #drop(waiting: WaitingJob): void {
    const index = this.#waiting.indexOf(waiting);
    if (index === -1) return;
    this.#waiting.splice(index, 1);
    waiting.reject(waiting.listener.signal.reason);
  }

  #dispatch(): void {
    while (this.#waiting.length > 0) {
      const child = this.#freeChild();
      if (child === undefined) return;
      const waiting = this.#waiting.shift()!;
      waiting.listener.started();
      const done = child.run(waiting.job, waiting.listener);
      waiting.resolve(done);
      void done.catch(() => undefined).then(() => this.#release(child));
    }
  }

  /** The child that worked last: it is the likeliest to have the inputs in memory. */
  #freeChild(): TrainerChild | undefined {
    for (let child = this.#idle.pop(); child !== undefined; child = this.#idle.pop()) {
      if (child.isAlive) return child;
      this.#children.delete(child);
    }
    return this.#children.size < this.options.size ? this.#spawn() : undefined;
  }

  #spawn(): TrainerChild {
    const { settings, abortGraceMs = 450, log = () => undefined } = this.options;
    const child = new TrainerChild(settings, abortGraceMs, log);
    this.#children.add(child);
    return child;
  }

  #release(child: TrainerChild): void {
    if (child.isAlive) this.#idle.push(child);
    else this.#children.delete(child);
    this.#dispatch();
  }
}

const handedBack = ({ request }: TrainerJob): ApplicationFailure =>
  ApplicationFailure.retryable(`${request.path}: handed back unbegun, the worker stops`, HANDED_BACK);
