import type { Random } from '../random.js';
import { denseGroups } from './bootstrap.js';

export interface SignFlipInput {
  /** Per candidate: merit of the candidate − merit of the incumbent, (n,). */
  readonly differences: readonly Float64Array[];
  readonly groups?: Int32Array; // (n,), default: each row its own
  readonly flips: number;
  readonly random: Random;
}

export interface SignFlipResult {
  /** Σ over groups / √Σ of squares, per candidate: about standard normal without a real difference. */
  readonly statistics: Float64Array;
  /** One-sided (is the candidate better?), adjusted for having tried all candidates. */
  readonly pValues: Float64Array;
}

/**
 * Paired permutation test of many candidates against one incumbent. Where there is no difference, a group's summed
 * difference is as likely positive as negative; signs of groups are flipped jointly over the candidates, and each
 * candidate's statistic is compared with the distribution of the largest one, which keeps the family-wise error.
 *
 * @source Westfall & Young, Resampling-Based Multiple Testing, 1993 (single-step max-T)
 */
export function signFlipMaxT({ differences, groups, flips, random }: SignFlipInput): SignFlipResult {
  const candidates = differences.length;
  if (candidates === 0) return { statistics: new Float64Array(0), pValues: new Float64Array(0) };
  const sums = sumByGroup(differences, groups); // (groups that differ × candidates), row-major
  const rows = sums.length / candidates;
  const observed = new Float64Array(candidates);
  const scale = new Float64Array(candidates);
  for (let g = 0; g < rows; g++) {
    for (let c = 0; c < candidates; c++) {
      const value = sums[g * candidates + c]!;
      observed[c]! += value;
      scale[c]! += value * value;
    }
  }
  for (let c = 0; c < candidates; c++) {
    scale[c] = scale[c]! > 0 ? 1 / Math.sqrt(scale[c]!) : 0;
    observed[c]! *= scale[c]!;
  }
  const exceeded = new Int32Array(candidates);
  for (let flip = 0; flip < flips; flip++) {
    const largest = largestOfOneFlip(sums, rows, scale, random);
    for (let c = 0; c < candidates; c++) if (largest >= observed[c]! - 1e-12) exceeded[c]!++;
  }
  return { statistics: observed, pValues: Float64Array.from(exceeded, (count) => (count + 1) / (flips + 1)) };
}

function largestOfOneFlip(sums: Float64Array, rows: number, scale: Float64Array, random: Random): number {
  const candidates = scale.length;
  const totals = new Float64Array(candidates);
  let bits = 0;
  let left = 0;
  for (let g = 0; g < rows; g++) {
    if (left === 0) {
      bits = random.below(2 ** 30);
      left = 30;
    }
    const start = g * candidates;
    if ((bits & 1) === 1) for (let c = 0; c < candidates; c++) totals[c]! += sums[start + c]!;
    else for (let c = 0; c < candidates; c++) totals[c]! -= sums[start + c]!;
    bits >>= 1;
    left--;
  }
  let largest = -Infinity;
  for (let c = 0; c < candidates; c++) largest = Math.max(largest, totals[c]! * scale[c]!);
  return largest;
}

/** Sums within groups; groups in which no candidate differs change nothing and are left out. */
function sumByGroup(differences: readonly Float64Array[], groups?: Int32Array): Float64Array {
  const n = differences[0]!.length;
  const index = denseGroups(n, groups);
  const candidates = differences.length;
  const sums = new Float64Array(index.count * candidates);
  differences.forEach((values, c) => {
    if (values.length !== n)
      throw new RangeError(`signFlipMaxT: candidate ${c} has ${values.length} rows of ${n}`);
    for (let i = 0; i < n; i++) sums[index.of[i]! * candidates + c]! += values[i]!;
  });
  let kept = 0;
  for (let g = 0; g < index.count; g++) {
    const row = sums.subarray(g * candidates, (g + 1) * candidates);
    if (row.some((value) => value !== 0))
      sums.copyWithin(kept++ * candidates, g * candidates, (g + 1) * candidates);
  }
  return sums.subarray(0, kept * candidates);
}
