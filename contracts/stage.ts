import { z } from 'zod';
import { ArtifactRef, Sha256 } from './artifact.js';
import { DataEngine } from './dataEngine.js';

/** Named lists of artifacts: what goes into a stage, and what comes out. */
export const Artifacts = z.record(z.string(), z.array(ArtifactRef));
export type Artifacts = z.infer<typeof Artifacts>;

/** A few numbers and words that people want to see of a stage (rows kept, accuracy, chosen policy). */
export const Figures = z.record(z.string(), z.union([z.number(), z.string()]));
export type Figures = z.infer<typeof Figures>;

/** What a stage is asked to do. Everything that decides its output is in here. */
export const StageRequest = z.strictObject({
  runId: z.string(),
  /** Where in the run: `ingest`, `loop.2.importance`, `importance.evidence.0.2`. Not part of the stage key. */
  path: z.string(),
  /** Name in the registry of stages. */
  stage: z.string(),
  seed: z.int().nonnegative(),
  params: z.json(),
  inputs: Artifacts,
  /** Run again although the cache has it (`retry --from`). */
  bypassCache: z.boolean().optional(),
  /** What works on its tables. Not part of the stage key: rows and bytes are the same. */
  dataEngine: DataEngine.optional(),
});
export type StageRequest = z.infer<typeof StageRequest>;

export const StageResult = z.strictObject({
  outputs: Artifacts,
  figures: Figures,
  stageKey: Sha256,
  cached: z.boolean(),
});
export type StageResult = z.infer<typeof StageResult>;

/** What a stage itself returns; key and cache are the runner's business. */
export type StageOutput = Pick<StageResult, 'outputs' | 'figures'>;

/** Position of long work, for heartbeats and progress bars. */
export const Progress = z.strictObject({
  done: z.number().nonnegative(),
  total: z.number().positive(),
  /** `rows`, `fits`, `iterations` */
  unit: z.string(),
  figures: Figures.optional(),
});
export type Progress = z.infer<typeof Progress>;

/** Finished stage in the cache, under `cache/<stage>/<stageKey>.json`. */
export const CacheEntry = z.strictObject({
  formatVersion: z.literal(1),
  stageKey: Sha256,
  stage: z.string(),
  codeVersion: z.string(),
  seed: z.int(),
  params: z.json(),
  inputs: Artifacts,
  outputs: Artifacts,
  figures: Figures,
});
export type CacheEntry = z.infer<typeof CacheEntry>;
