import type { RoundSummary } from '../../contracts/summary.js';
import { seeded } from '../random.js';
import { weightedMean } from '../statistics/bootstrap.js';
import { signFlipMaxT } from '../statistics/signFlip.js';

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
  return {
    chosen: { policy: chosen.policy, strength: chosen.strength },
    summary: {
      round,
      candidates: summaries,
      accepted: accepted?.policy ?? null,
      incumbent: chosen.policy,
      metric: accepted?.metric ?? incumbentMetric,
      reason: explain(incumbent, accepted, ranked[0], candidates.length, alpha),
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

function explain(
  incumbent: Judgement,
  accepted: CandidateSummary | undefined,
  best: CandidateSummary | undefined,
  tried: number,
  alpha: number,
): string {
  const was = `${incumbent.policy} (strength ${incumbent.strength})`;
  if (best === undefined) return `No candidate was tried, so ${was} stays.`;
  const shown = accepted ?? best;
  const found =
    `${shown.policy} (strength ${shown.strength}) gains ${points(shown.gain)} points over ${was}, ` +
    `p = ${shown.pValue.toPrecision(2)} over ${tried} candidate${tried === 1 ? '' : 's'}`;
  return accepted === undefined
    ? `${was} stays: the best candidate, ${found}, does not pass p < ${alpha}.`
    : `${found}, which passes p < ${alpha}: it replaces ${incumbent.policy}.`;
}

const points = (share: number): string => `${share < 0 ? '−' : '+'}${Math.abs(100 * share).toFixed(2)}`;
