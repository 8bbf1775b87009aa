import { setTimeout as sleep } from 'node:timers/promises';
import type { RunStatus } from '../contracts/run.js';
import { EXIT } from './exit.js';
import { openLiveView } from './live.js';
import { describeRun, queryStatus } from './runClient.js';
import { queuesWithoutWorker, workerCommand, type Server } from './server.js';
import type { Terminal } from './terminal.js';

/** How following a run ended. */
export type Ending =
  | { readonly kind: 'closed'; readonly state: RunStatus['state'] }
  | { readonly kind: 'blocked'; readonly status: RunStatus }
  | { readonly kind: 'interrupted' };

const POLL_MS = 500;
const QUERY_WITHIN_MS = 4_000;
const LOOK_FOR_WORKERS_EVERY_MS = 3_000;

/** Shows a run until it ends, blocks, or the reader presses Ctrl-C (which the run never feels). */
export async function followRun(
  server: Server,
  runId: string,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<Ending> {
  const view = openLiveView(terminal);
  let lookedAtMs = 0;
  let unserved: string[] = [];
  try {
    for (;;) {
      if (signal.aborted) return { kind: 'interrupted' };
      const { isOpen, closed, device } = await describeRun(server, runId);
      if (isOpen && Date.now() - lookedAtMs > LOOK_FOR_WORKERS_EVERY_MS) {
        unserved = await queuesWithoutWorker(server, Date.now(), device);
        lookedAtMs = Date.now();
        view.say(unserved.length > 0 ? waitingFor(unserved, server) : undefined);
      }
      // A query is answered by a worker: without one it would only wait.
      const status = unserved.includes('assay-workflow')
        ? undefined
        : await queryStatus(server, runId, QUERY_WITHIN_MS);
      if (status) view.update(status, Date.now());
      if (!isOpen)
        return { kind: 'closed', state: status && status.state !== 'running' ? status.state : closed };
      if (status?.blocked ?? status?.waiting) return { kind: 'blocked', status: status! };
      await sleep(POLL_MS, undefined, { signal }).catch(() => undefined);
    }
  } finally {
    view.stop();
  }
}

const waitingFor = (queues: readonly string[], server: Server): string =>
  `waiting for a worker on ${queues.join(' and ')}; type: ${workerCommand(queues[0] ?? '', server).replace(/--role .*/, `--role ${queues.map((queue) => queue.replace('assay-', '')).join(',')}`)}`;

/** npm and npx pass on a Ctrl-C that the terminal has sent us already: both are one. */
const AGAIN_AFTER_MS = 1_000;

/** A signal that Ctrl-C (or a polite kill) sets, for the time of some work; pressed again, it ends us at once. */
export async function untilInterrupted<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const control = new AbortController();
  let firstAtMs = 0;
  const stop = (): void => {
    if (control.signal.aborted && Date.now() - firstAtMs > AGAIN_AFTER_MS) process.exit(EXIT.interrupted);
    if (!control.signal.aborted) firstAtMs = Date.now();
    control.abort();
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  try {
    return await work(control.signal);
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
  }
}
