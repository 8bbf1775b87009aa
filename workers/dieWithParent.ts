import { Worker } from 'node:worker_threads';

const CHECK_INTERVAL_MS = 500;

/**
 * Kills this process within a second after its parent has died, even while the event loop is blocked by a computation:
 * the check runs on a thread of its own.
 */
export function dieWithParent(): void {
  const source = `
    const { workerData } = require('node:worker_threads');
    setInterval(() => {
      if (process.ppid !== workerData.parent) process.kill(process.pid, 'SIGKILL');
    }, workerData.everyMs);
  `;
  const watch = new Worker(source, {
    eval: true,
    workerData: { parent: process.ppid, everyMs: CHECK_INTERVAL_MS },
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 2 },
  });
  watch.unref();
}
