/** Entry of a worker process: settings as JSON in its first argument. Stops on SIGTERM, SIGINT, or with its parent. */
import { PlatformError } from '../contracts/errors.js';
import { WorkerSettings, type WorkerMessage } from '../contracts/worker.js';
import { workerConfiguration } from './configuration.js';
import { startWorker, type RunningWorker } from './main.js';

/** EX_CONFIG of sysexits.h: starting again won't help. */
const EXIT_CONFIG = 78;
/** Asked twice: it did not wait for its stages. */
const EXIT_FORCED = 1;
const ORPHAN_LEAVES_WITHIN_MS = 4_000;

async function main(): Promise<number> {
  const settings = WorkerSettings.parse(JSON.parse(process.argv[2] ?? 'null'));
  const worker = await startWorker(workerConfiguration(settings, process.env));
  stopWhenAsked(worker);
  const ready: WorkerMessage = { type: 'ready', trainerPids: worker.trainerPids() };
  process.send?.(ready);
  await worker.ended;
  return 0;
}

function stopWhenAsked(worker: RunningWorker): void {
  let isAsked = false;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      // Children die with us; what they had in hand resumes from its newest checkpoint.
      if (isAsked) process.exit(EXIT_FORCED);
      isAsked = true;
      worker.shutdown();
    });
  }
  process.once('disconnect', () => {
    worker.shutdown();
    // The server may have died together with our parent, and an orderly end may never come.
    setTimeout(() => process.exit(1), ORPHAN_LEAVES_WITHIN_MS).unref();
  });
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`${error instanceof PlatformError ? error.message : String(error)}\n`);
    process.exit(error instanceof PlatformError && !error.retryable ? EXIT_CONFIG : 1);
  },
);
