import { z } from 'zod';
import { FeaturesConfig } from './featureSettings.js';
import { DatasetConfig } from './settings.js';

/** How a benchmark spoils samples: four ways to flip labels, and noise on features. */
export const NoiseSpec = z.strictObject({
  kind: z.enum(['uniform', 'pair', 'class', 'instance', 'features']),
  /** Share of the training rows, and of the validation rows. */
  rate: z.number().gt(0).lt(1),
});
export type NoiseSpec = z.infer<typeof NoiseSpec>;

/** Rows of each side of a trial. */
export const TrialSize = z.strictObject({
  train: z.int().min(20).default(1000),
  validation: z.int().min(2).default(100),
  test: z.int().min(2).default(500),
});
export type TrialSize = z.infer<typeof TrialSize>;

/** Whose out-of-fold predictions are the evidence; auto: the one with the lowest out-of-fold log-loss. */
export const LearnerName = z.enum(['auto', 'logistic', 'trees']);
export type LearnerName = z.infer<typeof LearnerName>;

export const BenchmarkData = z.strictObject({
  name: z.string().min(1),
  dataset: DatasetConfig,
  features: FeaturesConfig,
});
export type BenchmarkData = z.infer<typeof BenchmarkData>;

/** A benchmark: every estimator on every data set × noise × seed. */
export const BenchmarkConfig = z.strictObject({
  name: z.string().min(1),
  data: z.array(BenchmarkData).min(1),
  noises: z.array(NoiseSpec).min(1),
  estimators: z.array(z.string()).min(1),
  seeds: z.array(z.int().nonnegative()).min(1),
  size: TrialSize,
  learner: LearnerName,
  folds: z.int().min(2),
  /** Retrain along the scores in 5% steps: 40 more fits for each estimator and trial. */
  curves: z.boolean(),
});
export type BenchmarkConfig = z.infer<typeof BenchmarkConfig>;

/** What one estimator achieved on one trial; a JSON document. Shares and accuracies are in [0, 1]. */
export const CellMeasures = z.strictObject({
  twoMeansF1: z.number(),
  rocAuc: z.number(),
  averagePrecision: z.number(),
  /** Of the noisy rows, those among as many lowest scores as there are noisy rows. */
  recallAtNoisy: z.number(),
  /** Share of the noisy rows found after 0%, 5%, 10% … of all rows, lowest scores first. */
  discovery: z.array(z.number()),
  /** Test accuracy after training on what is given, without the noisy rows, weighted by clip, without the low cluster. */
  accuracy: z.strictObject({
    given: z.number(),
    oracle: z.number(),
    clip: z.number(),
    filter: z.number(),
  }),
  /** Test accuracy after training on the 5%, 10% … 100% highest (lowest) scores; null where not asked for. */
  curves: z.strictObject({ highest: z.array(z.number()), lowest: z.array(z.number()) }).nullable(),
});
export type CellMeasures = z.infer<typeof CellMeasures>;

/** Which estimator, on which trial, and what it cost. */
export const CellKey = z.strictObject({
  dataset: z.string(),
  noise: z.string(), // `uniform:0.2`
  seed: z.int(),
  estimator: z.string(),
  learner: z.string(), // that made the evidence
  wallMs: z.number(), // of the estimator itself, for 1000 samples
  evidenceMs: z.number(), // of the evidence that it requires, for 1000 samples
});
export type CellKey = z.infer<typeof CellKey>;

export const Cell = CellKey.extend({ measures: CellMeasures });
export type Cell = z.infer<typeof Cell>;

/** An estimator over all its cells. */
export const Standing = z.strictObject({
  estimator: z.string(),
  cells: z.int().positive(),
  twoMeansF1: z.number(),
  /** Of the mean F1, over trials. */
  standardError: z.number().nullable(),
  rocAuc: z.number(),
  averagePrecision: z.number(),
  recallAtNoisy: z.number(),
  /** Σ (accuracy after weighting − as given) / Σ (oracle − as given); null where the oracle gains nothing. */
  recovered: z.strictObject({ clip: z.number().nullable(), filter: z.number().nullable() }),
  /** By F1 among the estimators of one trial, 1 is best; ties share their mean. */
  meanRank: z.number(),
  /** Standard deviation of the rank over the seeds of one data set and noise, their mean; null with one seed. */
  rankDeviation: z.number().nullable(),
  /** That it is as good as the best in F1: paired sign flips over trials, adjusted for all comparisons; null for the best. */
  pValue: z.number().nullable(),
  wallMs: z.number(),
  evidenceMs: z.number(),
  discovery: z.array(z.number()),
  curves: z.strictObject({ highest: z.array(z.number()), lowest: z.array(z.number()) }).nullable(),
});
export type Standing = z.infer<typeof Standing>;

/** The end of a benchmark; a JSON document. */
export const Leaderboard = z.strictObject({
  name: z.string(),
  size: TrialSize,
  learner: z.string(),
  folds: z.int(),
  /** Best mean F1 first. */
  standings: z.array(Standing),
  /** Mean F1 by data set and noise, in the order of `standings`; null where an estimator has no cell. */
  groups: z.array(
    z.strictObject({
      dataset: z.string(),
      noise: z.string(),
      seeds: z.int(),
      learners: z.string(), // `trees 4, logistic 1`
      twoMeansF1: z.array(z.number().nullable()),
    }),
  ),
  /** Kendall's W of the estimators' ranks over seeds, mean over data sets and noises, in [0, 1]; null with one seed. */
  concordance: z.number().nullable(),
  /** Trials that all estimators share: what the p-values rest on. */
  pairedTrials: z.int(),
  /** Cells that an operator gave up. */
  missing: z.array(z.string()),
});
export type Leaderboard = z.infer<typeof Leaderboard>;
