import type { z } from 'zod';
import type { Random } from '../random.js';

/** Kinds of evidence that an estimator may ask for; the workflow makes each kind once. */
export type EvidenceKind = 'outOfFoldLogits';

/**
 * What is known of n samples, in row order. `logits` are out of fold (n × K, row-major): row i comes from a model
 * that never saw sample i, its group, or its near-duplicates.
 */
export interface Evidence {
  readonly targets: Int32Array; // (n,), class codes in [0, K)
  readonly outputs: number; // K
  readonly logits?: Float64Array; // (n, K)
  readonly folds?: Int32Array; // (n,), the fold that held sample i out
}

/** One way to score samples: one file here, one line in index.ts. Scores are signed, in row order, higher = worth more. */
export interface ImportanceEstimator<P = unknown> {
  readonly name: string;
  readonly paramsSchema: z.ZodType<P>;
  readonly requires: readonly EvidenceKind[];
  /** `label surprise` estimators are refused for aleatoric targets (clicks). */
  readonly usesLabelSurprise: boolean;
  /** Claims to rank mislabelled samples low; the conformance suite then tests it. */
  readonly detectsLabelErrors: boolean;
  readonly unit: 'bits' | 'nats' | 'probability' | 'none';
  estimate(evidence: Evidence, params: P, random: Random): Float64Array;
}
