import type { BoostSummary, SliceTrust } from '../../contracts/summary.js';
import { weightedMean } from '../statistics/bootstrap.js';
import { holm, mcnemar } from '../statistics/pairedTests.js';
import type { Slice } from './enumerateSlices.js';

/** b of one slice: what the weights of its rows are multiplied with. */
export interface SliceFactor {
  readonly slice: string;
  readonly factor: number;
}

const LEAST = 0.5;
const MOST = 2;
const bounded = (factor: number): number => Math.min(MOST, Math.max(LEAST, factor));

/** b of every row, (n,): the product over the slices that it is in, 1 outside of all, in [½, 2]. */
export function boostOfRows(
  n: number,
  boosted: readonly { readonly rows: Int32Array; readonly factor: number }[],
): Float64Array {
  const boosts = new Float64Array(n).fill(1);
  for (const { rows, factor } of boosted) for (const row of rows) boosts[row]! *= factor;
  return boosts.map(bounded);
}

/** Out-of-fold predictions of training rows, with what is believed of their labels. */
export interface TrustInput {
  /** 1 where the prediction is not the given label, (n,). */
  readonly wrong: Uint8Array;
  /** r: probability that the given label is right, (n,). */
  readonly posterior: Float64Array;
}

/**
 * Trusted error and estimated noise rate of some rows. A wrong prediction counts as much as its label can be trusted, so
 * that a slice full of wrong labels doesn't look like a hard one. Rows whose labels are all disbelieved have error 0.
 */
export function trustOf(
  slice: string,
  rows: Int32Array | readonly number[],
  { wrong, posterior }: TrustInput,
): SliceTrust {
  let trust = 0;
  let errors = 0;
  for (const row of rows) {
    trust += posterior[row]!;
    errors += posterior[row]! * wrong[row]!;
  }
  const noiseRate = rows.length > 0 ? 1 - trust / rows.length : 0;
  return { slice, support: rows.length, trustedError: trust > 0 ? errors / trust : 0, noiseRate };
}

export interface ProposalInput extends TrustInput {
  /** Of the same rows. */
  readonly slices: readonly Slice[];
  /** b so far. */
  readonly factors: readonly SliceFactor[];
  /** Names of slices whose boost was refused before. */
  readonly refused: readonly string[];
  readonly factor: number; // of one round
  readonly minSupport: number;
  readonly maxNoiseRate: number;
}

export type BoostProposal = Pick<BoostSummary, 'proposal' | 'overall' | 'relabel'>;

/**
 * The slice to boost: of those with enough rows, and with labels that can be believed, the one with the highest trusted
 * error, if that is above the error of all rows. Slices with a high noise rate are named for relabelling instead. A
 * slice at the upper bound, or refused before, is passed over; the larger slice wins a tie, then the first by name.
 */
export function proposeBoost(input: ProposalInput): BoostProposal {
  const { slices, factors, refused, minSupport, maxNoiseRate } = input;
  const overall = trustOf('all rows', [...input.wrong.keys()], input);
  const trusts = slices
    .filter(({ rows }) => rows.length >= minSupport)
    .map(({ name, rows }) => trustOf(name, rows, input));
  const factorOf = (slice: string): number => factors.find((one) => one.slice === slice)?.factor ?? 1;
  const [worst] = trusts
    .filter(({ slice, noiseRate, trustedError }) => {
      const isOpen = factorOf(slice) < MOST && !refused.includes(slice);
      return isOpen && noiseRate <= maxNoiseRate && trustedError > overall.trustedError;
    })
    .sort((a, b) => b.trustedError - a.trustedError || b.support - a.support || (a.slice < b.slice ? -1 : 1));
  return {
    proposal: worst ? { ...worst, factor: bounded(factorOf(worst.slice) * input.factor) } : null,
    overall,
    relabel: trusts
      .filter(({ noiseRate }) => noiseRate > maxNoiseRate)
      .sort((a, b) => b.noiseRate - a.noiseRate || (a.slice < b.slice ? -1 : 1)),
  };
}

export interface BoostTest {
  readonly slice: string;
  /** Merits of the pooled held-out rows, (n,), in the same order. */
  readonly boosted: Float64Array;
  readonly incumbent: Float64Array;
  /** 1 where the row is in the slice that its own unit boosted, (n,). */
  readonly inside: Uint8Array;
  /** Rows of one group count once, (n,). */
  readonly groups: Int32Array;
  /** p values of the run's earlier proposals. */
  readonly earlier: readonly number[];
  /** Proposals that the run may make in all. */
  readonly planned: number;
  readonly alpha: number;
  readonly maxLoss: number;
}

export type BoostVerdict = Pick<BoostSummary, 'accepted' | 'reason'> & {
  readonly test: NonNullable<BoostSummary['test']>;
};

/**
 * Whether a boost is kept: it must win inside the slice (McNemar, Holm over all proposals that the run may make; those
 * not made yet stand as p = 1, which only makes it stricter), and lose at most `maxLoss` over all rows.
 */
export function judgeBoost(input: BoostTest): BoostVerdict {
  const { boosted, incumbent, inside, alpha, maxLoss, slice } = input;
  const differences = boosted.map((merit, row) => merit - incumbent[row]!);
  const { wins, losses } = countGroups(differences, inside, input.groups);
  const pValue = mcnemar(wins, losses);
  const proposals = Math.max(input.planned, input.earlier.length + 1);
  const family = [pValue, ...input.earlier, ...Array<number>(proposals - input.earlier.length - 1).fill(1)];
  const adjusted = holm(family)[0]!;
  const change = weightedMean(differences);
  const against = [
    ...(wins > losses && adjusted < alpha ? [] : ['it does not win inside the slice']),
    ...(change >= -maxLoss ? [] : [`overall it loses more than ${points(maxLoss)} points`]),
  ];
  const accepted = against.length === 0;
  const found =
    `${wins} to ${losses} inside the slice, p = ${pValue.toPrecision(2)} (${adjusted.toPrecision(2)} over ` +
    `${proposals} proposal${proposals === 1 ? '' : 's'}), overall ${change < 0 ? '−' : '+'}${points(Math.abs(change))} points`;
  return {
    accepted,
    reason: accepted
      ? `${slice} weighs more from now on: ${found}.`
      : `${slice} is not boosted: ${against.join(', ')} (${found}).`,
    test: {
      support: inside.reduce((sum, one) => sum + one, 0),
      ...{ wins, losses, pValue, adjusted, change },
      sliceChange: weightedMean(differences, Float64Array.from(inside)),
    },
  };
}

const points = (share: number): string => (100 * share).toFixed(2);

/** Groups whose rows in the slice are better, and worse, in sum. */
function countGroups(differences: Float64Array, inside: Uint8Array, groups: Int32Array) {
  const sums = new Map<number, number>();
  differences.forEach((difference, row) => {
    if (inside[row] !== 1 || difference === 0) return;
    sums.set(groups[row]!, (sums.get(groups[row]!) ?? 0) + difference);
  });
  const signs = [...sums.values()];
  return { wins: signs.filter((sum) => sum > 0).length, losses: signs.filter((sum) => sum < 0).length };
}
