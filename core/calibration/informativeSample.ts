import type { Random } from '../random.js';

/** Rows that were drawn, each with its own chance, and what each stands for. */
export interface DrawnSample {
  readonly rows: Int32Array; // ascending
  readonly weights: Float64Array; // of `rows`: 1/π
  readonly chances: Float64Array; // π of all n rows, in (0, 1]
}

/** Share of the draw that falls on all rows alike, so that no chance is near 0 and no weight explodes. */
const UNIFORM_SHARE = 0.1;

/**
 * Draws rows in proportion to how much they tell, and weighs them by 1/π: sums over what was drawn are unbiased for sums
 * over all rows, so a model of aleatoric targets stays calibrated however surprising the rows are that are preferred.
 *
 * @param information (n,), non-negative: for clicks |y − p| of a pilot model
 * @param share expected share of the rows that are drawn, in (0, 1]
 * @throws RangeError where the share or an information is out of range
 * @source Ting & Brochu, Optimal Subsampling with Influence Functions, NeurIPS 2018; Fithian & Hastie, Local Case-Control
 * Sampling, Annals of Statistics 2014
 */
export function drawInformative(information: Float64Array, share: number, random: Random): DrawnSample {
  const chances = inclusionChances(information, share);
  const rows = Int32Array.from(chances.keys()).filter((row) => random.next() < chances[row]!);
  return { rows, weights: Float64Array.from(rows, (row) => 1 / chances[row]!), chances };
}

/** Chances in proportion to information, mixed with uniform, that add up to share·n; none above 1. */
function inclusionChances(information: Float64Array, share: number): Float64Array {
  if (!(share > 0 && share <= 1)) {
    throw new RangeError(`informative sample: expected a share above 0 and at most 1, got ${share}`);
  }
  const wrong = information.findIndex((value) => !(value >= 0 && value < Infinity));
  if (wrong >= 0) {
    throw new RangeError(
      `informative sample: expected information[${wrong}] to be finite and at least 0, got ${information[wrong]}`,
    );
  }
  const n = information.length;
  if (share === 1) return new Float64Array(n).fill(1);
  const total = information.reduce((sum, value) => sum + value, 0);
  const raw = information.map((value) =>
    total > 0 ? (1 - UNIFORM_SHARE) * (value / total) + UNIFORM_SHARE / n : 1 / n,
  );
  const factor = scaleFor(raw, share * n);
  return raw.map((value) => Math.min(1, factor * value));
}

/** The factor c at which Σ min(1, c·raw) is the wanted number of rows. */
function scaleFor(raw: Float64Array, wanted: number): number {
  const descending = Float64Array.from(raw).sort().reverse();
  let rest = descending.reduce((sum, value) => sum + value, 0);
  for (let certain = 0; certain < descending.length; certain++) {
    const factor = (wanted - certain) / rest;
    if (factor * descending[certain]! <= 1) return factor;
    rest -= descending[certain]!;
  }
  return Infinity;
}
