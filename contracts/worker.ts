import { z } from 'zod';

/** What a worker process is started with, as JSON in its first argument; the environment fills in what is left out. */
export const WorkerSettings = z.strictObject({
  roles: z.array(z.enum(['workflow', 'cpu', 'gpu'])).min(1),
  /** Of the Temporal server: else TEMPORAL_ADDRESS and its kin. */
  address: z.string().optional(),
  namespace: z.string().optional(),
  /** Else ASSAY_STORE, else the folder `store` below `directory`. */
  storeUri: z.string().optional(),
  /** Holds logs, scratch space and, by default, the store. Else ASSAY_DIRECTORY, else `.assay`. */
  directory: z.string().optional(),
  /** Trainer children, each with one job at a time. Else ASSAY_WORKER_PROCESSES, else one per core. */
  processes: z.int().positive().optional(),
  /** Stages that it takes at once, waiting ones included, by queue. Else `processes` and a few more. */
  concurrency: z
    .strictObject({ cpu: z.int().positive().optional(), gpu: z.int().positive().optional() })
    .optional(),
  /** Worker deployment version that it is; runs move on to newer ones by themselves. */
  deployment: z.strictObject({ name: z.string().min(1), buildId: z.string().min(1) }).optional(),
  /** `file:` URL of another registry of stages (tests). */
  stagesModule: z.string().optional(),
  /** Another workflow bundle (tests). */
  workflowBundle: z.string().optional(),
  /** Code version per stage, where the build's own don't fit (tests). */
  codeVersions: z.record(z.string(), z.string()).optional(),
  /** @default 10000 */
  checkpointIntervalMs: z.number().positive().optional(),
  /** Where Prometheus scrapes, `host:port`. Else ASSAY_METRICS_ADDRESS, else nowhere. */
  metrics: z.string().optional(),
  /** Where `/healthz` and `/readyz` answer, `host:port`. Else ASSAY_HEALTH_ADDRESS, else nowhere. */
  health: z.string().optional(),
  /** Milliseconds that stages without checkpoints get to end when the worker stops. Else ASSAY_GRACE_SECONDS. @default 30000 */
  graceMs: z.number().nonnegative().optional(),
});
export type WorkerSettings = z.infer<typeof WorkerSettings>;

/** What a worker process says over its IPC channel, where it has one. */
export type WorkerMessage = { readonly type: 'ready'; readonly trainerPids: readonly number[] };
