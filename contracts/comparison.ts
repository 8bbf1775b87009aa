import { z } from 'zod';
import { Analysis, Estimate, RoundSummary, RunSummary } from './summary.js';

/** One of the runs that are compared. */
const ComparedRun = z.strictObject({
  label: z.string(), // A, B, C …; A is what the others are held against
  runId: z.string(),
  name: z.string(),
  policy: z.string(),
  effectiveSampleSize: z.number(),
  decision: z.string(),
  seconds: z.number(), // from the first stage to the last
  rows: z.strictObject({ train: z.int(), test: z.int() }),
});
export type ComparedRun = z.infer<typeof ComparedRun>;

/** A run against the first, on the test samples that all runs have with the same target. */
const PairedResult = z.strictObject({
  label: z.string(),
  change: Estimate,
  /** Test samples that only this run gets right, and that only the first gets right. */
  fixed: z.int(),
  broken: z.int(),
  /** By McNemar's exact test. */
  pValue: z.number(),
});
export type PairedResult = z.infer<typeof PairedResult>;

/** How alike two runs rank the training samples that both have. */
const SharedTraining = z.strictObject({
  label: z.string(),
  samples: z.int(), // in both
  onlyFirst: z.int(),
  onlyThis: z.int(),
  relabelled: z.int(), // with another target
  /** Spearman; null where one of the two has none, or they are all the same. */
  scores: z.number().nullable(),
  weights: z.number().nullable(),
});

/** A test sample on which the runs differ. */
const ChangedSample = z.strictObject({
  id: z.string(),
  text: z.string(),
  target: z.string(),
  predicted: z.array(z.string()), // by run
});

/** What differs between runs, and what it did; the first run is the base. */
export const RunComparison = z.strictObject({
  metric: z.string(),
  runs: z.array(ComparedRun).min(2),
  /** Settings that are not the same in all runs, by dotted path; as JSON, null where a run has none. */
  config: z.array(z.strictObject({ path: z.string(), values: z.array(z.string().nullable()) })),
  /** Of each run on its own test split, with the chosen weights. */
  metrics: z.array(z.strictObject({ name: z.string(), values: z.array(Estimate.nullable()) })),
  common: z.strictObject({ samples: z.int(), openings: z.int() }),
  paired: z.array(PairedResult),
  slices: z.array(
    z.strictObject({
      name: z.string(),
      support: z.int(),
      values: z.array(z.number()), // by run
      margins: z.array(z.number()), // half of the 95% interval of the change against the first; 0 for itself
    }),
  ),
  training: z.array(SharedTraining),
  /** F1 on each run's own test split, with its chosen weights; where runs differ most first. */
  perClass: z.array(
    z.strictObject({
      name: z.string(),
      support: z.int(), // of the first run that knows the class
      f1: z.array(z.number().nullable()), // by run; null: no such class
    }),
  ),
  /** By run, what each says of itself. */
  calibration: z.array(Analysis.shape.calibration),
  rounds: z.array(z.array(RoundSummary)),
  weights: z.array(RunSummary.shape.weights),
  /** Wall time by stage; the longest first. */
  stages: z.array(
    z.strictObject({
      stage: z.string(),
      seconds: z.array(z.number().nullable()), // by run; null: no such stage
    }),
  ),
  changed: z.strictObject({ found: z.int(), shown: z.array(ChangedSample) }),
});
export type RunComparison = z.infer<typeof RunComparison>;
