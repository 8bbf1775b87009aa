import { z } from 'zod';
import { Artifacts, Figures, StageResult } from './stage.js';

/** What an operator says of a blocked stage. One JSON object, so that Temporal's own dialogs can send it. */
export const ResolveStage = z.strictObject({
  action: z.enum(['retry', 'skip', 'abort']),
  stage: z.string(),
  /** New values for the stage's parameters, by dotted path in assay.yaml (`clean.minTextLength`). */
  set: z.record(z.string(), z.json()).optional(),
  /** Why; told with the abortion. */
  note: z.string().optional(),
});
export type ResolveStage = z.infer<typeof ResolveStage>;

/** What the query `dryRun` is asked: what a retry would be sent. */
export type DryRunAsked = Partial<Pick<ResolveStage, 'stage' | 'set'>>;

/** What the query `dryRun` answers: what a retry of the blocked stage would do again. */
export interface DryRun {
  readonly stage: string;
  /** Shards of it. */
  readonly again: readonly { readonly path: string; readonly because: string }[];
  /** Shards of it that are done, and are not asked again. */
  readonly stay: readonly string[];
  readonly settings: readonly { readonly path: string; readonly before: string; readonly after: string }[];
  /** What comes after, in words. */
  readonly then: string;
}

export const StageStatus = z.strictObject({
  path: z.string(),
  state: z.enum(['waiting', 'running', 'done', 'cached', 'blocked', 'skipped']),
  attempts: z.int().nonnegative(),
  startedAtMs: z.number().optional(),
  endedAtMs: z.number().optional(),
  /** Shards of a fan-out. */
  shards: z
    .strictObject({
      done: z.int(),
      total: z.int(),
      /** Failed beyond retries, and left out because enough others did not. */
      lost: z.int().optional(),
    })
    .optional(),
  figures: Figures,
  error: z.string().optional(),
  outputs: Artifacts,
});
export type StageStatus = z.infer<typeof StageStatus>;

/** Ends the loop after the round that is under way; the run goes on with the best so far. */
export const StopLoop = z.strictObject({ by: z.string().optional(), note: z.string().optional() });
export type StopLoop = z.infer<typeof StopLoop>;

/** Plays more rounds, whatever maxRounds and patience say; takes back a stop. Budgets hold. */
export const ContinueLoop = z.strictObject({
  rounds: z.int().positive(), // after the one that is under way
  by: z.string().optional(),
  note: z.string().optional(),
});
export type ContinueLoop = z.infer<typeof ContinueLoop>;

/** What a person says of a model that passed the gate. */
export const Approval = z.strictObject({
  approved: z.boolean(),
  by: z.string().min(1),
  note: z.string().optional(),
});
export type Approval = z.infer<typeof Approval>;

/** Makes a run the successor of another: what comes before `from` is taken from the cache, the rest is done anew. */
export const Successor = z.strictObject({
  of: z.string(), // the other run's id
  from: z.string(), // path of a stage
});
export type Successor = z.infer<typeof Successor>;

/** What the query `status` answers. */
export const RunStatus = z.strictObject({
  runId: z.string(), // the workflow id
  name: z.string(),
  /** waiting: for a person's approval; unchanged: a firing of a schedule that had nothing to do. */
  state: z.enum([
    ...['running', 'blocked', 'waiting', 'completed', 'unchanged', 'aborted', 'cancelled', 'failed'],
  ] as const),
  stage: z.string(),
  round: z.int().nonnegative(),
  metric: z.strictObject({ name: z.string(), value: z.number() }).optional(),
  stages: z.array(StageStatus),
  /** Present while blocked. */
  blocked: z
    .strictObject({
      stage: z.string(),
      error: z.string(),
      failedShards: z.array(z.string()),
      commands: z.array(z.string()),
    })
    .optional(),
  /** Present while a person is asked. */
  waiting: z.strictObject({ question: z.string(), commands: z.array(z.string()) }).optional(),
  /** Present once the loop has begun, or an operator has spoken of it. */
  loop: z
    .strictObject({
      round: z.int().nonnegative(), // under way, or the last one
      playUntil: z.int().optional(), // at least to this round: an operator said continue
      stop: StopLoop.optional(),
      ended: z.string().optional(), // why
    })
    .optional(),
  approval: Approval.optional(),
  successorOf: Successor.optional(),
});
export type RunStatus = z.infer<typeof RunStatus>;

/** What the query `lineage` answers: what the run was asked, and every finished shard with what it wrote. */
export const RunLineage = z.strictObject({
  runId: z.string(),
  successorOf: Successor.optional(),
  /** With the settings that operators changed. */
  config: z.json(),
  shards: z.array(StageResult.extend({ path: z.string(), stage: z.string() })),
  /** Paths of shards that failed, and that the run went on without. */
  lost: z.array(z.string()).optional(),
});
export type RunLineage = z.infer<typeof RunLineage>;

/** What the query `metrics` answers. */
export const RunMetrics = z.strictObject({
  runId: z.string(),
  /** Of the incumbent after each round. */
  rounds: z.array(z.strictObject({ round: z.int().nonnegative(), name: z.string(), value: z.number() })),
  /** By path. */
  stages: z.record(z.string(), Figures),
});
export type RunMetrics = z.infer<typeof RunMetrics>;

/** What the workflow `train` returns. */
export const RunOutcome = z.strictObject({
  state: z.enum(['completed', 'aborted']),
  outputs: Artifacts, // every named artifact of the run, the report among them
  figures: Figures,
});
export type RunOutcome = z.infer<typeof RunOutcome>;
