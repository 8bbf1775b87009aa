import type { Estimate, RoundSummary } from '../../contracts/summary.js';
import { seeded } from '../random.js';
import { bootstrapInterval, weightedMean } from '../statistics/bootstrap.js';
import { signFlipMaxT } from '../statistics/signFlip.js';

/** Of an interval that people read. */
const REPLICATES = 1000;

type CandidateSummary = RoundSummary['candidates'][number];

/** A way of training, judged on rows that had no part in it. */
export interface Judgement {
  readonly policy: string;
  readonly strength: number; // of the model's own regularisation
  /** Merits of the pooled rows (outer folds, then validation), the same rows in the same order for every judgement. */
  readonly merits: Float64Array;
}

export interface CandidateJudgement extends Judgement {
  readonly effectiveSampleSize: number; // share of n
}

export interface ChoiceInput {
  readonly round: number;
  readonly incumbent: Judgement;
  readonly candidates: readonly CandidateJudgement[]; // all of the round: policies × strengths
  readonly groups: Int32Array; // of the pooled rows
  readonly alpha: number;
  readonly flips: number;
  readonly seed: number;
}

export interface Choice {
  readonly summary: RoundSummary;
  /** What is in use after the round: the accepted candidate, or the incumbent. */
  readonly chosen: Pick<Judgement, 'policy' | 'strength'>;
}

/**
 * The strength with the best mean merit; the first given wins a tie, so give the strongest regularisation first.
 *
 * @throws RangeError without judgements
 */
export function bestStrength<T extends Judgement>(judgements: readonly T[]): T {
  const first = judgements[0];
  if (first === undefined) throw new RangeError('choice: no candidate to choose from');
  let best = first;
  let highest = weightedMean(first.merits);
  for (const judgement of judgements) {
    const mean = weightedMean(judgement.merits);
    if (mean > highest + 1e-12) {
      best = judgement;
      highest = mean;
    }
  }
  return best;
}

/** Round 0: nothing to be compared with, so the best strength is taken as it is. */
export function chooseFirst(candidates: readonly CandidateJudgement[]): Choice {
  const best = bestStrength(candidates);
  const summaries = candidates.map((candidate): CandidateSummary => {
    const { policy, strength, effectiveSampleSize } = candidate;
    const metric = weightedMean(candidate.merits);
    return { policy, strength, metric, gain: 0, pValue: 1, effectiveSampleSize };
  });
  return {
    chosen: { policy: best.policy, strength: best.strength },
    summary: {
      round: 0,
      candidates: summaries,
      accepted: best.policy,
      incumbent: best.policy,
      metric: weightedMean(best.merits),
      reason: `${best.policy} starts, with the best of ${candidates.length} strengths (${best.strength}).`,
    },
  };
}

/**
 * One round of the choice. Each policy is represented by its best strength; the representative with the highest gain
 * among those whose p value (sign-flip max-T over *all* candidates) is below alpha replaces the incumbent. Otherwise
 * the incumbent stays.
 */
export function chooseCandidate(input: ChoiceInput): Choice {
  const { incumbent, candidates, groups, alpha, flips, round } = input;
  const incumbentMetric = weightedMean(incumbent.merits);
  const { pValues } = signFlipMaxT({
    differences: candidates.map(({ merits }) => merits.map((merit, i) => merit - incumbent.merits[i]!)),
    groups,
    flips,
    random: seeded(input.seed, `choice.${round}`),
  });
  const summaries = candidates.map((candidate, c): CandidateSummary => {
    const metric = weightedMean(candidate.merits);
    return {
      policy: candidate.policy,
      strength: candidate.strength,
      metric,
      gain: metric - incumbentMetric,
      pValue: pValues[c]!,
      effectiveSampleSize: candidate.effectiveSampleSize,
    };
  });
  const ranked = representatives(summaries).sort((a, b) => b.gain - a.gain);
  const accepted = ranked.find(({ pValue, gain }) => pValue < alpha && gain > 0);
  const chosen = accepted ?? incumbent;
  const shown = accepted ?? ranked[0];
  const effect = shown && effectOf(candidates[summaries.indexOf(shown)]!, input);
  return {
    chosen: { policy: chosen.policy, strength: chosen.strength },
    summary: {
      round,
      candidates: summaries,
      accepted: accepted?.policy ?? null,
      incumbent: chosen.policy,
      metric: accepted?.metric ?? incumbentMetric,
      reason: explain(input, ranked, accepted, effect),
      ...(effect ? { effect } : {}),
    },
  };
}

/** The best strength of each policy, in order of first appearance. */
function representatives(summaries: readonly CandidateSummary[]): CandidateSummary[] {
  const best = new Map<string, CandidateSummary>();
  for (const summary of summaries) {
    const held = best.get(summary.policy);
    if (held === undefined || summary.metric > held.metric + 1e-12) best.set(summary.policy, summary);
  }
  return [...best.values()];
}

/** Gain over the incumbent with its bootstrap interval, groups drawn whole. */
const effectOf = ({ merits }: Judgement, { incumbent, groups, seed, round }: ChoiceInput): Estimate =>
  bootstrapInterval({
    values: merits.map((merit, i) => merit - incumbent.merits[i]!),
    groups,
    replicates: REPLICATES,
    random: seeded(seed, `effect.${round}`),
  });

/** @param ranked best candidate of each policy, by gain */
function explain(
  { incumbent, candidates, alpha }: ChoiceInput,
  ranked: readonly CandidateSummary[],
  accepted: CandidateSummary | undefined,
  effect: Estimate | undefined,
): string {
  const was = `${incumbent.policy} (strength ${incumbent.strength})`;
  const shown = accepted ?? ranked[0];
  if (!shown || !effect) return `No candidate was tried, so ${was} stays.`;
  const tried = candidates.length;
  const found =
    `${shown.policy} (strength ${shown.strength}) gains ${points(shown.gain)} points over ${was} ` +
    `(95%: ${points(effect.low)} to ${points(effect.high)}), ` +
    `p = ${shown.pValue.toPrecision(2)} over ${tried} candidate${tried === 1 ? '' : 's'}`;
  const next = ranked.find((one) => one !== shown);
  const runnerUp = next
    ? ` Next best: ${next.policy} (strength ${next.strength}), ${points(next.gain)}, p = ${next.pValue.toPrecision(2)}.`
    : '';
  return accepted === undefined
    ? `${was} stays: the best candidate, ${found}, does not pass p < ${alpha}.${runnerUp}`
    : `${found}, which passes p < ${alpha}: it replaces ${incumbent.policy}.${runnerUp}`;
}

const points = (share: number): string => `${share < 0 ? '−' : '+'}${Math.abs(100 * share).toFixed(2)}`;
