import { z } from 'zod';
import { TaskChoice } from '../contracts/settings.js';
import { EngineChoice } from '../contracts/engine.js';

/** Parameters that training stages share; the workflow fills them in (workflows/pipeline.ts). */
export const SchemeParams = z.strictObject({ seed: z.int().nonnegative(), outerFolds: z.int().min(2) });

export const UnitParams = z.strictObject({
  task: TaskChoice,
  model: z.object({ name: z.string() }).catchall(z.json()),
  strengths: z.array(z.number().positive()).min(1),
  scheme: SchemeParams,
  /** Outer fold that is held out; −1: none, the validation split is. */
  unit: z.int().min(-1),
  engine: EngineChoice.default('auto'),
  /** Column of the weights' table; `uniform` needs no table. */
  policy: z.string(),
});
export type UnitParams = z.infer<typeof UnitParams>;
