import type { AdaptRule } from '../../contracts/adapt.js';
import type { Estimate } from '../../contracts/summary.js';
import type { Shift, SliceShift } from '../../contracts/drift.js';
import { seeded } from '../random.js';
import { bootstrapInterval } from '../statistics/bootstrap.js';

/** What is known before anything is trained. */
export interface Signs {
  readonly shifts: readonly Shift[];
  readonly slices: readonly SliceShift[];
  /** Accuracy on held-out rows of the champion's own data. */
  readonly before: number;
  /** Whether the champion is right on each new row. */
  readonly now: Uint8Array;
}

export interface Suspicion {
  readonly isChanged: boolean;
  readonly reason: string;
}

/** Whether anything changed that would make a trial worth its time. */
export function suspect(
  { shifts, slices, before, now }: Signs,
  { minShift, minDrop }: Pick<AdaptRule, 'minShift' | 'minDrop'>,
): Suspicion {
  const accuracy = now.reduce((sum, right) => sum + right, 0) / Math.max(1, now.length);
  const drop = before - accuracy;
  const chance = 1.645 * Math.sqrt((before * (1 - before)) / Math.max(1, now.length)); // one-sided, 95%
  if (drop >= minDrop && drop > chance) {
    return {
      isChanged: true,
      reason: `accuracy fell from ${tell(before)} to ${tell(accuracy)} on ${now.length} new rows`,
    };
  }
  const weak = slices.find(
    (slice) => slice.change <= -minDrop && -slice.change > byChance(slice, slices.length),
  );
  if (weak) {
    const { slice, reference, current } = weak;
    return {
      isChanged: true,
      reason: `accuracy of ${slice} fell from ${tell(reference.accuracy)} to ${tell(current.accuracy)} on ${current.rows} new rows`,
    };
  }
  const shift = shifts.find(({ psi, chance: noise }) => psi - noise >= minShift);
  if (!shift) {
    const most = shifts[0];
    const widest = most ? `; the widest shift is ${most.name}, PSI ${tell(most.psi)}` : '';
    return {
      isChanged: false,
      reason: `accuracy ${tell(accuracy)} on ${now.length} new rows (was ${tell(before)})${widest}`,
    };
  }
  return {
    isChanged: true,
    reason: `${shift.name} shifted, PSI ${tell(shift.psi)} (by chance ${tell(shift.chance)})`,
  };
}

/**
 * Loss that a slice has by chance: one-sided, 95% over all slices together (Bonferroni). The normal tail is taken for its
 * bound, ½·e^(−z²/2), which is rather too large than too small.
 */
function byChance({ reference, current }: SliceShift, slices: number): number {
  const rows = reference.rows + current.rows;
  const pooled = (reference.accuracy * reference.rows + current.accuracy * current.rows) / rows;
  const z = Math.sqrt(2 * Math.log(slices / (2 * 0.05)));
  return z * Math.sqrt(pooled * (1 - pooled) * (1 / reference.rows + 1 / current.rows));
}

/** What a trial found on rows that it had not trained on. */
export interface Trial {
  readonly champion: Uint8Array; // (n,), 1 = right
  readonly challenger: Uint8Array;
  readonly groups?: Int32Array;
}

export interface GainDecision {
  readonly retrains: boolean;
  /** Of accuracy on rows like the new ones, with its 95% interval. */
  readonly expectedGain: Estimate;
  readonly reason: string;
}

const RESAMPLES = 1000;

/** Whether retraining is worth it: the gain that a trial promises must be large enough, and more than chance. */
export function decideByTrial(
  { champion, challenger, groups }: Trial,
  { minGain }: Pick<AdaptRule, 'minGain'>,
  seed: number,
): GainDecision {
  const gains = Float64Array.from(challenger, (right, row) => right - champion[row]!);
  const expectedGain = bootstrapInterval({
    values: gains,
    ...(groups ? { groups } : {}),
    replicates: RESAMPLES,
    random: seeded(seed, 'expected gain'),
  });
  const { value, low, high } = expectedGain;
  const retrains = value >= minGain && low > 0;
  const found = `expected gain ${tell(value)} (95% ${tell(low)} to ${tell(high)}) on ${champion.length} rows`;
  const why = retrains ? 'worth it' : value < minGain ? `below ${tell(minGain)}` : 'may be chance';
  return { retrains, expectedGain, reason: `${found}: ${why}` };
}

/** Share of false alarms over all openings of one test set: the k-th is tested at α/(k(k+1)). */
const ALPHA = 0.05;

/** Whether the new model is right oftener on new rows that neither has seen. */
export function judgeNewModel(
  { champion, challenger, groups }: Trial,
  opening: number,
  seed: number,
): { readonly isBetter: boolean; readonly gain: Estimate; readonly reason: string } {
  const level = 1 - (2 * ALPHA) / (opening * (opening + 1));
  const gain = bootstrapInterval({
    values: Float64Array.from(challenger, (right, row) => right - champion[row]!),
    ...(groups ? { groups } : {}),
    ...{ replicates: RESAMPLES * opening, level, random: seeded(seed, 'gain') },
  });
  const isBetter = gain.low > 0;
  const found = `gain ${tell(gain.value)} (${tell(gain.low)} to ${tell(gain.high)}) on ${champion.length} new test rows`;
  return {
    isBetter,
    gain,
    reason: `${found}: ${isBetter ? 'better' : 'not surely better, the champion stays'}`,
  };
}

const tell = (value: number): string => value.toFixed(3);
