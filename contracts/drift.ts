import { z } from 'zod';

/** How one distribution changed against another, over the bins of the first. */
export const Shift = z.strictObject({
  name: z.string(), // column, `words of title`, `target`, `importance`
  kind: z.enum(['numeric', 'category', 'words', 'length', 'target', 'importance']),
  labels: z.array(z.string()), // bins
  reference: z.array(z.number()), // counts
  current: z.array(z.number()),
  psi: z.number(),
  chance: z.number(), // psi that chance alone makes
  jensenShannon: z.number(), // bits
  level: z.enum(['none', 'moderate', 'large']),
});
export type Shift = z.infer<typeof Shift>;

/** Quality inside a slice, before and now. */
export const SliceShift = z.strictObject({
  slice: z.string(),
  reference: z.strictObject({ rows: z.int(), accuracy: z.number() }),
  current: z.strictObject({ rows: z.int(), accuracy: z.number() }),
  change: z.number(),
});
export type SliceShift = z.infer<typeof SliceShift>;

/** One column as it is; counts over its own bins. */
export const ColumnProfile = Shift.pick({ name: true, kind: true, labels: true }).extend({
  counts: z.array(z.number()),
  missing: z.number(), // share
});
export type ColumnProfile = z.infer<typeof ColumnProfile>;

/** What the stage `profile` finds; a JSON document. */
export const Profile = z.strictObject({
  rows: z.int(),
  columns: z.array(ColumnProfile),
  /** Against the data of the champion; null where there is none. */
  drift: z
    .strictObject({
      against: z.string(), // name@version
      rows: z.int(),
      shifts: z.array(Shift), // largest first
    })
    .nullable(),
});
export type Profile = z.infer<typeof Profile>;
