import type { ModelInput } from './model.js';

export const SPLITS = ['train', 'validation', 'test'] as const;
export type Split = (typeof SPLITS)[number];

/**
 * Everything that training and importance need of the samples, in row order (rows are sorted by id).
 * Held in memory by a trainer child and shared by all its jobs.
 */
export interface PreparedSamples {
  readonly ids: readonly string[]; // (n,)
  readonly split: Uint8Array; // (n,), index into SPLITS
  readonly targets: Int32Array; // (n,), class codes; -1 = the class is unknown to training
  readonly classes: readonly string[]; // (K,)
  /** Union of the user's group and the near-duplicate cluster: never on both sides of a fold. */
  readonly groups: Int32Array; // (n,)
  /** Near-duplicate cluster. Distinct samples have distinct clusters. */
  readonly clusters: Int32Array; // (n,)
  /** What folds keep whole, where that is not what is judged as a whole, (n,). @default groups */
  readonly foldGroups?: Int32Array;
  /** Chance that each row was logged, in (0, 1], (n,): a training row counts for 1 over it. @default 1 */
  readonly propensities?: Float64Array;
  readonly input: ModelInput;
}
