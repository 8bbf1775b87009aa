import { z } from 'zod';
import type { FailureRecord } from '../activities/failure.js';
import type { TrainerJob } from '../activities/runner.js';
import type { Progress, StageOutput } from '../contracts/stage.js';
import { EngineSettings } from './engineSettings.js';

/** What a trainer child is started with, as JSON in its first argument. No secrets: `ps` shows it. */
export const TrainerSettings = z.strictObject({
  /** `file:` URL of the module that exports `stages`. */
  stagesModule: z.string(),
  storeUri: z.string(),
  /** Files under way and downloaded ones; shared by all children of a machine, and kept. */
  scratchDirectory: z.string(),
  checkpointIntervalMs: z.number().positive(),
  /** What the database of large tables may hold in memory: `1500MB`. */
  tableMemory: z.string().optional(),
  /** Without it, stages that need an engine are refused. */
  engine: EngineSettings.optional(),
});
export type TrainerSettings = z.infer<typeof TrainerSettings>;

/** A job, and the span of the worker that its own goes below, where spans are told. */
export interface TracedJob extends TrainerJob {
  readonly traceparent?: string;
}

/** Worker to child. One job at a time. */
export type ToTrainer =
  | { readonly type: 'run'; readonly job: TracedJob }
  /** Checkpoint as soon as may be, and end as handed back; a job without checkpoints goes on. */
  | { readonly type: 'handBack' }
  /** End the running job; who doesn't within the grace time is killed. */
  | { readonly type: 'abort' };

/** Child to worker. */
export type FromTrainer =
  | { readonly type: 'progress'; readonly progress: Progress }
  | { readonly type: 'checkpoint'; readonly position: number }
  | { readonly type: 'done'; readonly output: StageOutput }
  | { readonly type: 'failed'; readonly failure: FailureRecord };
