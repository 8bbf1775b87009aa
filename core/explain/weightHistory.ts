import type { BoostSummary, RoundSummary } from '../../contracts/summary.js';

/** Weights that a round tried for one row, by policy; all policies of the table, accepted or not. */
export type TriedWeights = Readonly<Record<string, number>>;

/** What a round did: new weights, or the boost of a slice on top of those in use. */
export type RoundTrial =
  | { readonly kind: 'weights'; readonly decision: RoundSummary; readonly tried: TriedWeights }
  | {
      readonly kind: 'boost';
      readonly decision: BoostSummary;
      /** `base+boost` */
      readonly policy: string;
      readonly tried: TriedWeights;
    };

/** How a round changed the weight of one row, and why. */
export interface WeightStep {
  readonly round: number;
  readonly kind: RoundTrial['kind'];
  /** The policy that was accepted, or null: the weights in use stayed. */
  readonly accepted: string | null;
  readonly before: number;
  readonly after: number;
  readonly tried: TriedWeights;
  /** Of a boost. */
  readonly slice: string | null;
  /** Whether the boost raises this row; null where nothing was boosted, or the row weighs nothing. */
  readonly inSlice: boolean | null;
  readonly reason: string;
}

export interface WeightHistory {
  /** Policy of the weight in use now. */
  readonly policy: string;
  readonly weight: number;
  readonly steps: readonly WeightStep[];
}

/**
 * Follows one row's weight through the rounds, from uniform (1) to the weight in use.
 *
 * @param trials in the order in which the run made them
 */
export function weightHistory(trials: readonly RoundTrial[]): WeightHistory {
  let [policy, weight] = ['uniform', 1];
  const steps: WeightStep[] = [];
  for (const trial of trials) {
    const before = weight;
    const accepted = acceptedPolicy(trial);
    if (accepted !== null) {
      policy = accepted;
      weight = trial.tried[accepted] ?? weight;
    }
    steps.push({
      ...{ round: trial.decision.round, kind: trial.kind, accepted, before, after: weight },
      tried: trial.tried,
      ...boostOf(trial, before),
      reason: trial.decision.reason,
    });
  }
  return { policy, weight, steps };
}

function acceptedPolicy(trial: RoundTrial): string | null {
  if (trial.kind === 'weights') return trial.decision.accepted;
  return trial.decision.accepted ? trial.policy : null;
}

/** A boost brings all weights back to mean 1, so that rows outside of the slice fall a little. */
function boostOf(trial: RoundTrial, before: number): Pick<WeightStep, 'slice' | 'inSlice'> {
  if (trial.kind === 'weights') return { slice: null, inSlice: null };
  const boosted = trial.tried[trial.policy];
  return {
    slice: trial.decision.proposal?.slice ?? null,
    inSlice: trial.decision.proposal && boosted !== undefined && before > 0 ? boosted > before : null,
  };
}
