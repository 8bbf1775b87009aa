import type { CsrMatrix } from '../../contracts/matrix.js';

/** Rows of a trial with the labels that are given. */
export interface TrialSide {
  readonly matrix: CsrMatrix; // (n, d)
  readonly targets: Int32Array; // (n,), class codes in [0, K)
}

/** The three sides of one draw from a data set, before any noise. */
export interface TrialSides {
  readonly outputs: number; // K
  readonly train: TrialSide;
  readonly validation: TrialSide;
  readonly test: TrialSide;
}

/** Training and validation are spoiled, the test side is clean. */
export interface Trial extends TrialSides {
  /** Training rows that were spoiled, ascending: what estimators are to find. */
  readonly noisy: Int32Array;
}

/** One way to train for a benchmark; settings are its own. */
export interface TrialLearner {
  readonly name: string;
  /** Learners of one family differ in strength only. */
  readonly family: string;
  /**
   * @param weights (n,), non-negative; 0: the row is absent
   * @returns logits (m, K) of other rows
   */
  fit(side: TrialSide, outputs: number, weights: Float64Array): Promise<(matrix: CsrMatrix) => Float64Array>;
}

/** n ones. */
export const evenWeights = (n: number): Float64Array => new Float64Array(n).fill(1);
