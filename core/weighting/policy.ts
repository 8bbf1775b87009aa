import type { z } from 'zod';
import type { Evidence } from '../importance/estimator.js';

/** What a policy may look at. */
export interface PolicyInput {
  readonly evidence: Evidence;
  readonly scores: Float64Array; // (n,), of the run's estimator
}

/**
 * Turns scores into raw weights (n,), non-negative and finite, not yet normalised: `weigh` (weigh.ts) applies the
 * duplicate cap, mixes with uniform to meet the floor of the effective sample size, and brings the mean to 1.
 */
export interface WeightingPolicy<P = unknown> {
  readonly name: string;
  readonly paramsSchema: z.ZodType<P>;
  /**
   * Right for targets that are random by nature (clicks) too: never lowers a sample because its own target surprises.
   * Tasks with such targets refuse all others.
   */
  readonly allowsAleatoric?: true;
  weights(input: PolicyInput, params: P): Float64Array;
}
