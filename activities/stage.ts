import type { z } from 'zod';
import type { EngineChoice } from '../contracts/engine.js';
import type { Artifacts, StageOutput } from '../contracts/stage.js';
import type { StageContext } from '../contracts/store.js';

/** What a stage is asked, its parameters parsed. */
export interface StageJob<P> {
  readonly path: string;
  readonly seed: number;
  readonly params: P;
  readonly inputs: Artifacts;
}

/**
 * One kind of work: read artifacts, call pure code, write artifacts. One file in this folder, one line in stages.ts.
 * It runs in a trainer child, may be run twice, and writes the same bytes each time.
 */
export interface Stage<P = unknown> {
  readonly name: string;
  readonly paramsSchema: z.ZodType<P>;
  /** Names of the inputs it needs. */
  readonly inputs: readonly string[];
  /** Which engine it computes with, where it needs one: what that is becomes part of the stage key. */
  engine?(params: P): EngineChoice | undefined;
  /** One line for Temporal's UI. */
  summary(params: P): string;
  run(job: StageJob<P>, context: StageContext): Promise<StageOutput>;
}
