import type { MetricMeter, MetricTags } from '@temporalio/common';
import type { AttemptObserver, StageObserver } from '../activities/observer.js';
import type { Figures } from '../contracts/stage.js';

/** Seconds: from a cached stage to a night of training. */
const DURATION_BUCKETS = [0.05, 0.2, 1, 5, 20, 60, 300, 1_200, 3_600, 14_400, 43_200];
const WAIT_BUCKETS = [0.005, 0.05, 0.5, 5, 60, 600, 3_600];

/** Temporal's own metrics and ours, under one address. */
export const prometheusOptions = (bindAddress: string) => ({
  bindAddress,
  countersTotalSuffix: true,
  unitSuffix: true,
  useSecondsForDurations: true,
  histogramBucketOverrides: {
    assay_stage_duration: DURATION_BUCKETS,
    assay_trainer_wait: WAIT_BUCKETS,
  },
});

/** What a worker counts and measures. Labels are names out of registries, never of runs. */
export interface WorkerMetrics {
  readonly observer: StageObserver;
  readonly children: (pool: string, alive: number, busy: number) => void;
  readonly runs: (status: string, count: number) => void;
  readonly queue: (queue: string, pollers: number, backlog: number) => void;
}

export function createWorkerMetrics(meter: MetricMeter, nowMs: () => number): WorkerMetrics {
  const stages = stageMeters(meter);
  const alive = meter.createGauge('assay_trainer_children', 'int', undefined, 'trainer children alive');
  const busy = meter.createGauge('assay_trainer_busy', 'int', undefined, 'trainer children with a job');
  const runs = meter.createGauge('assay_runs', 'int', undefined, 'open runs, by AssayStatus');
  const pollers = meter.createGauge('assay_queue_pollers', 'int', undefined, 'workers that poll a queue');
  const backlog = meter.createGauge('assay_queue_backlog', 'int', undefined, 'tasks that wait in a queue');
  return {
    observer: ({ stage, model, attempt }) => {
      if (attempt > 1) stages.retries.add(1, { stage });
      return observeAttempt(stages, { stage, model }, nowMs);
    },
    children: (pool, living, working) => {
      alive.set(living, { pool });
      busy.set(working, { pool });
    },
    runs: (status, count) => runs.set(count, { status }),
    queue: (queue, polling, waiting) => {
      pollers.set(polling, { queue });
      backlog.set(waiting, { queue });
    },
  };
}

type StageMeters = ReturnType<typeof stageMeters>;

function stageMeters(meter: MetricMeter) {
  return {
    duration: meter.createHistogram('assay_stage_duration', 'float', 'seconds', 'one attempt at a stage'),
    wait: meter.createHistogram('assay_trainer_wait', 'float', 'seconds', 'until a trainer child was free'),
    retries: meter.createCounter('assay_stage_retries', undefined, 'attempts after the first'),
    failures: meter.createCounter('assay_stage_failures', undefined, 'attempts that failed'),
    cacheHits: meter.createCounter('assay_stage_cache_hits', undefined, 'stages that came from the cache'),
    speed: meter.createGauge('assay_training_samples_per_second', 'float', undefined, 'of the last training'),
    loss: meter.createGauge('assay_training_loss', 'float', undefined, 'of the last training'),
    sampleSize: meter.createGauge(
      'assay_effective_sample_size_ratio',
      'float',
      undefined,
      'of the last weights, as a fraction of the rows',
    ),
  };
}

function observeAttempt(
  meters: StageMeters,
  tags: MetricTags & { readonly stage: string },
  nowMs: () => number,
): AttemptObserver {
  const { stage } = tags;
  const beganMs = nowMs();
  const seconds = (): number => (nowMs() - beganMs) / 1_000;
  return {
    started: () => meters.wait.record(seconds()),
    progress: ({ loss, samplesPerSecond }) => {
      if (typeof loss === 'number') meters.loss.set(loss, tags);
      if (typeof samplesPerSecond === 'number') meters.speed.set(samplesPerSecond, tags);
    },
    ended: (outcome, figures = {}) => {
      meters.duration.record(seconds(), { ...tags, outcome });
      if (outcome === 'cached') meters.cacheHits.add(1, { stage });
      if (outcome === 'failed' || outcome === 'refused') meters.failures.add(1, { stage, outcome });
      for (const [policy, size] of sampleSizes(figures)) meters.sampleSize.set(size, { stage, policy });
    },
  };
}

/** `effectiveSampleSize`, or `effectiveSampleSize.<policy>` where a stage has several. */
function sampleSizes(figures: Figures): [policy: string, size: number][] {
  return Object.entries(figures).flatMap(([name, value]) => {
    const found = /^effectiveSampleSize(?:\.(.+))?$/.exec(name);
    return found && typeof value === 'number' ? [[found[1] ?? '', value]] : [];
  });
}
