import type { AttemptObserver, StageObserver } from '../activities/observer.js';
import type { Artifacts } from '../contracts/stage.js';
import { RunSummary } from '../contracts/summary.js';
import { openArtifacts } from '../storage/artifacts.js';
import { openStore } from '../storage/open.js';
import { createTracking, openTrackers } from '../tracking/index.js';
import type { TrackedRun } from '../tracking/tracker.js';
import type { WorkerConfiguration } from './configuration.js';
import type { WorkerLog } from './log.js';

/** How long a worker that ends waits for its trackers. */
const FLUSH_MS = 3_000;

/** Tells trackers of the stages that end here; undefined where the environment names none. */
interface RunTracking {
  readonly observer: StageObserver;
  readonly flush: () => Promise<void>;
}

/** The trackers that the environment asks for, before a queue: stages neither wait for them nor fail by them. */
export function trackRuns(
  { environment, trainer }: Pick<WorkerConfiguration, 'environment' | 'trainer'>,
  log: WorkerLog,
): RunTracking | undefined {
  const trackers = openTrackers(environment);
  if (trackers.length === 0) return undefined;
  const tracking = createTracking({
    trackers,
    log: (message, fields) => log('warn', message, fields),
    nowMs: Date.now,
  });
  log('info', 'runs are told to trackers', { trackers: trackers.map(({ name }) => name) });
  return {
    flush: () => tracking.flush(FLUSH_MS),
    observer: ({ runId, path }) => ({
      started: () => undefined,
      progress: () => undefined,
      ended: (outcome, figures = {}, outputs = {}) => {
        if (outcome !== 'done' && outcome !== 'cached') return;
        const atMs = Date.now();
        tracking.stage({ runId, path, figures, atMs });
        if (path === 'report') tracking.finished(() => reportOf(trainer, outputs, atMs));
      },
    }),
  };
}

async function reportOf(
  { storeUri, scratchDirectory }: WorkerConfiguration['trainer'],
  outputs: Artifacts,
  atMs: number,
): Promise<TrackedRun> {
  const artifacts = openArtifacts(await openStore(storeUri), { scratchDirectory });
  const [summary] = outputs['summary'] ?? [];
  const [report] = outputs['report'] ?? [];
  if (!summary || !report) throw new Error('the stage report left no summary');
  const text = new TextDecoder().decode(await artifacts.readBlob(summary));
  return { summary: RunSummary.parse(JSON.parse(text)), page: await artifacts.readBlob(report), atMs };
}

/** One observer that tells several. */
export function allOf(observers: readonly (StageObserver | undefined)[]): StageObserver | undefined {
  const given = observers.filter((one) => one !== undefined);
  if (given.length < 2) return given[0];
  return (attempt) => {
    const told: readonly AttemptObserver[] = given.map((observer) => observer(attempt));
    return {
      started: () => told.forEach((one) => one.started()),
      progress: (figures) => told.forEach((one) => one.progress(figures)),
      ended: (...args) => told.forEach((one) => one.ended(...args)),
    };
  };
}
