import { z } from 'zod';
import { Shift, SliceShift } from './drift.js';
import { Estimate } from './summary.js';

/** What makes adapting a model worth its price, and how it is done. */
export const AdaptRule = z.strictObject({
  minShift: z
    .number()
    .nonnegative()
    .default(0.1)
    .describe('stability index (PSI) beyond chance from which data count as changed'),
  minDrop: z
    .number()
    .min(0)
    .max(1)
    .default(0.02)
    .describe(
      'loss of accuracy on new rows, against held-out rows of old, from which a model counts as worse',
    ),
  minGain: z.number().min(0).max(1).default(0.005).describe('least expected gain of accuracy on new rows'),
  replayRatio: z
    .number()
    .min(0)
    .max(100)
    .default(1)
    .describe('remembered rows that are trained on beside each new one'),
});
export type AdaptRule = z.infer<typeof AdaptRule>;

/** A batch of new rows for a model that adapts. One JSON object, so that Temporal's own dialogs can send it. */
export const NewRows = z.strictObject({
  source: z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]),
  by: z.string().min(1),
  /** Rows that the champion has learned are left out; where too few are left, it stays. */
  onlyNew: z.boolean().optional(),
});
export type NewRows = z.infer<typeof NewRows>;

/** What became of a batch; a JSON document. */
export const Adaptation = z.strictObject({
  champion: z.string(), // name@version
  rows: z.strictObject({
    fresh: z.int(), // to learn from
    test: z.int(), // to judge by
    unknown: z.int(), // of classes that the champion doesn't know
    replayed: z.int(),
  }),
  shifts: z.array(Shift), // largest first
  slices: z.array(SliceShift), // what lost most first
  /** Of the champion: on validation rows of its data or, where that is more, as it was registered; and on the new rows. */
  accuracy: z.strictObject({ before: z.number(), now: z.number() }),
  /** Null where nothing was suspicious, so that nothing was tried. */
  expectedGain: Estimate.nullable(),
  /** On new test rows that neither model has seen; null where nothing was trained. */
  gain: Estimate.nullable(),
  /** registered: better, but not champion before somebody says so; refused: not better, or not by the gate's rules. */
  action: z.enum(['kept', 'refused', 'registered', 'promoted']),
  registered: z.string().nullable(), // name@version
  /** Why, one sentence a step. */
  reasons: z.array(z.string()),
});
export type Adaptation = z.infer<typeof Adaptation>;
