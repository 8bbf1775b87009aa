import type { z } from 'zod';
import type { DenseMatrix } from '../../contracts/matrix.js';
import type { Loss } from '../../contracts/model.js';

/** Targets as numbers. */
export interface EncodedTargets {
  readonly codes: Int32Array; // (n,); -1 where the value is missing or not among `classes`
  readonly classes: readonly string[]; // sorted, from training rows only
}

/** Predictions of n samples beside the truth. */
export interface Judged {
  readonly targets: Int32Array; // (n,)
  readonly logits: DenseMatrix; // (n, K)
  readonly groups?: Int32Array; // (n,), the query or user of each
  readonly sampleWeights?: Float64Array; // (n,)
}

/**
 * What is learned. Code outside tasks/ never says "label" or "accuracy": it asks the task.
 * One file here, one line in index.ts.
 */
export interface Task {
  readonly name: string;
  /** Of what `task: { name, … }` takes beside the name. @default nothing */
  readonly paramsSchema?: z.ZodType;
  /** The task with such parameters, not yet parsed. */
  configured?(params: unknown): Task;
  /** What is judged as a whole and counts once: a sample, or all samples of a group (query, user), which is then required. */
  readonly judges: 'samples' | 'groups';
  /** Whether a weight is given to each sample, or to all samples of a group alike. */
  readonly weighs: 'samples' | 'groups';
  /**
   * What is done about near-duplicates: `join` keeps them, their groups whole, on one side of every fold and caps their
   * weight; `purge` leaves out of training what a fold's held-out rows have a duplicate of, where joining would leave a
   * catalogue in one piece.
   */
  readonly duplicates: 'join' | 'purge';
  /** What models minimise; evidence for importance is made by cross entropy, whose logits are probabilities of classes. */
  readonly loss: Loss;
  /** The estimator of importance that is taken where none is named. */
  readonly estimator: string;
  /**
   * Share of the rows of class 0 that models are trained on; the logit of class 1 is shifted back by its ln, so that
   * predictions are of all rows. @default 1
   */
  readonly negatives?: number;
  /**
   * What a fold holds out: whole groups, or rows of every group (of a user whose other rows are known). @default groups
   */
  readonly folds?: 'rows';
  /** Aleatoric targets (clicks) surprise without being wrong: weights from label surprise are refused. */
  readonly aleatoric: boolean;
  readonly metrics: readonly string[]; // names in the registry of metrics, reported by default
  /** Those that the test split reports with bootstrap intervals: cheap enough to compute a thousand times. */
  readonly estimated: readonly string[];
  /** Metrics of `metrics` or others of the task, of these predictions: one number each, for any weights of the samples. */
  measure(names: readonly string[], judged: Judged): (sampleWeights?: Float64Array) => number[];
  /** The metric that candidates are chosen by, given the classes' shares of the training rows. */
  choiceMetric(shares: readonly number[]): string;
  /**
   * Encodes raw values. `classes` undefined: learn them from these rows.
   * @throws DataError when fewer than two classes are left
   */
  encode(values: readonly (string | null)[], classes?: readonly string[]): EncodedTargets;
  /** Positions of the samples that stand for what is judged, (u,), ascending: every sample, or the first of each group. */
  unitsOf(judged: Pick<Judged, 'targets' | 'groups'>): Int32Array;
  /** What the rows of a group are put in order by, (n,), highest first. @default the task orders nothing */
  scores?(logits: DenseMatrix): Float64Array;
  /** Figure of merit of each unit, (u,), whose mean is what candidates are compared by (1 = right, 0 = wrong). */
  merit(judged: Judged, metric: string): Float64Array;
}
