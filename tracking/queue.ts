import type { TrackedRun, TrackedStage, Tracker } from './tracker.js';

export interface TrackingOptions {
  readonly trackers: readonly Tracker[];
  readonly log: (message: string, fields: Readonly<Record<string, unknown>>) => void;
  readonly nowMs: () => number;
  /** Of one call of a tracker. @default 10 000 */
  readonly timeoutMs?: number;
  /** How long a tracker that failed is left alone; what happens meanwhile is not told. @default 30 000 */
  readonly pauseMs?: number;
  /** Calls that may wait for a slow tracker; the oldest are dropped. @default 1000 */
  readonly most?: number;
}

/** Tells trackers in the background. No call waits, none throws. */
interface Tracking {
  stage(stage: TrackedStage): void;
  /** The run is read when it is its turn. */
  finished(read: () => Promise<TrackedRun>): void;
  /** Waits until all is told, or for so long. */
  flush(withinMs: number): Promise<void>;
}

type Call = (tracker: Tracker, signal: AbortSignal) => Promise<void>;

/**
 * A queue before each tracker: calls in their order, each with a time limit. A tracker that fails is left alone for a
 * while, and one that is slow loses the oldest calls: tracking takes neither time nor memory from training.
 */
export function createTracking(options: TrackingOptions): Tracking {
  const queues = options.trackers.map((tracker) => createQueue(tracker, options));
  const push = (call: Call): void => queues.forEach((queue) => queue.push(call));
  return {
    stage: (stage) => push((tracker, signal) => tracker.stage(stage, signal)),
    finished: (read) => {
      let run: Promise<TrackedRun> | undefined;
      push(async (tracker, signal) => tracker.finished(await (run ??= read()), signal));
    },
    flush: async (withinMs) => {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, withinMs);
      });
      await Promise.race([Promise.all(queues.map((queue) => queue.idle())), late]);
      clearTimeout(timer);
    },
  };
}

function createQueue(
  tracker: Tracker,
  { log, nowMs, timeoutMs = 10_000, pauseMs = 30_000, most = 1000 }: TrackingOptions,
) {
  const waiting: Call[] = [];
  let running: Promise<void> | undefined;
  let pausedUntil = -Infinity;
  const tell = async (call: Call): Promise<void> => {
    if (nowMs() < pausedUntil) return;
    const signal = AbortSignal.timeout(timeoutMs);
    try {
      await Promise.race([call(tracker, signal), rejected(signal)]);
    } catch (error) {
      pausedUntil = nowMs() + pauseMs;
      log('tracking failed; training goes on', { tracker: tracker.name, error: String(error) });
    }
  };
  const drain = async (): Promise<void> => {
    for (let call = waiting.shift(); call; call = waiting.shift()) await tell(call);
    running = undefined;
  };
  return {
    push(call: Call): void {
      waiting.push(call);
      if (waiting.length > most) waiting.shift();
      running ??= Promise.resolve().then(drain);
    },
    idle: () => running ?? Promise.resolve(),
  };
}

const rejected = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
