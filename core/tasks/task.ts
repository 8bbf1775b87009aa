import type { DenseMatrix } from '../../contracts/matrix.js';

/** Targets as numbers. */
export interface EncodedTargets {
  readonly codes: Int32Array; // (n,); -1 where the value is missing or not among `classes`
  readonly classes: readonly string[]; // sorted, from training rows only
}

/** Predictions of n samples beside the truth. */
export interface Judged {
  readonly targets: Int32Array; // (n,)
  readonly logits: DenseMatrix; // (n, K)
  readonly groups?: Int32Array; // (n,)
  readonly sampleWeights?: Float64Array; // (n,)
}

/**
 * What is learned. Code outside tasks/ never says "label" or "accuracy": it asks the task.
 * One file here, one line in index.ts.
 */
export interface Task {
  readonly name: string;
  /** Aleatoric targets (clicks) surprise without being wrong: weights from label surprise are refused. */
  readonly aleatoric: boolean;
  readonly metrics: readonly string[]; // names in the registry of metrics, reported by default
  /** Those that the test split reports with bootstrap intervals: cheap enough to compute a thousand times. */
  readonly estimated: readonly string[];
  /** The metric that candidates are chosen by, given the classes' shares of the training rows. */
  choiceMetric(shares: readonly number[]): string;
  /**
   * Encodes raw values. `classes` undefined: learn them from these rows.
   * @throws DataError when fewer than two classes are left
   */
  encode(values: readonly (string | null)[], classes?: readonly string[]): EncodedTargets;
  /** Per-sample figure of merit, (n,), whose weighted mean is what candidates are compared by (1 = right, 0 = wrong). */
  merit(judged: Judged, metric: string): Float64Array;
}
