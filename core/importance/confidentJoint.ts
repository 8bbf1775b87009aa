import { classCounts } from '../probability.js';
import { sortingOrder } from './sortingOrder.js';

/** (n, K) row-major; single precision halves the memory of a large table. */
export type Probabilities = Float64Array | Float32Array;

/** Two probabilities closer than this are equal (cleanlab's FLOATING_POINT_COMPARISON). */
export const PROBABILITY_TOLERANCE = 1e-6;

/** Counts by given label and confidently predicted label, and who is off the diagonal. */
export interface ConfidentJoint {
  readonly counts: Float64Array; // (K, K) row-major, [given][predicted]; the diagonal is at least 1
  readonly offDiagonal: Int32Array; // rows whose confident prediction isn't their label, ascending
}

/**
 * Per class, the mean probability that its own samples get, shape (K,); at least 2e-6, and 2 (out of reach) for a
 * class without samples.
 *
 * @source Northcutt, Jiang & Chuang, Confident Learning, JAIR 2021, section 3.1; cleanlab 2.9 `get_confident_thresholds`
 */
export function confidentThresholds(
  probabilities: Probabilities,
  targets: Int32Array,
  outputs: number,
): Float64Array {
  const sums = new Float64Array(outputs);
  for (let row = 0; row < targets.length; row++) {
    const target = targets[row]!;
    sums[target]! += probabilities[row * outputs + target]!;
  }
  const counts = classCounts(targets, outputs);
  return sums.map((sum, k) => (counts[k] ? Math.max(sum / counts[k]!, 2 * PROBABILITY_TOLERANCE) : 2));
}

/**
 * Counts each sample that reaches some class's threshold at (its label, the most probable class of those it reaches).
 *
 * @param probabilities (n, K) row-major, out of fold
 * @source Northcutt et al. 2021, eq. 1; cleanlab 2.9 `compute_confident_joint(calibrate=False)`
 */
export function confidentJoint(
  probabilities: Probabilities,
  targets: Int32Array,
  outputs: number,
  thresholds: Float64Array = confidentThresholds(probabilities, targets, outputs),
): ConfidentJoint {
  const counts = new Float64Array(outputs * outputs);
  const offDiagonal: number[] = [];
  const reach = thresholds.map((threshold) => threshold - PROBABILITY_TOLERANCE);
  for (let row = 0; row < targets.length; row++) {
    const target = targets[row]!;
    const guess = confidentClass(probabilities, row * outputs, outputs, reach);
    if (guess < 0) continue;
    counts[target * outputs + guess]!++;
    if (guess !== target) offDiagonal.push(row);
  }
  for (let k = 0; k < outputs; k++) counts[k * (outputs + 1)] = Math.max(counts[k * (outputs + 1)]!, 1);
  return { counts, offDiagonal: Int32Array.from(offDiagonal) };
}

/**
 * Scales the rows of a confident joint to the labels' counts and the whole to n, in integers.
 *
 * @source cleanlab 2.9 `calibrate_confident_joint`
 */
export function calibrateConfidentJoint(
  counts: Float64Array,
  targets: Int32Array,
  outputs: number,
): Float64Array {
  const labelCounts = classCounts(targets, outputs); // (K,)
  const scaled = new Float64Array(counts.length);
  const turned = new Float64Array(counts.length); // [predicted][given]: the order in which numpy adds
  for (let given = 0; given < outputs; given++) {
    const row = counts.subarray(given * outputs, (given + 1) * outputs);
    const rowSum = Math.max(sumOf(row), 1e-100);
    for (let c = 0; c < outputs; c++) {
      const value = (row[c]! / rowSum) * labelCounts[given]!;
      scaled[given * outputs + c] = value;
      turned[c * outputs + given] = value;
    }
  }
  const factor = Math.max(pairwiseSum(turned), 1e-100);
  return roundPreservingRowTotals(
    scaled.map((value) => (value / factor) * targets.length),
    outputs,
  );
}

/** Rounds each row to integers that sum to the row's rounded sum. @source cleanlab 2.9 `round_preserving_row_totals` */
export function roundPreservingRowTotals(matrix: Float64Array, outputs: number): Float64Array {
  const rounded = new Float64Array(matrix.length);
  for (let start = 0; start < matrix.length; start += outputs) {
    rounded.set(roundPreservingSum(matrix.subarray(start, start + outputs)), start);
  }
  return rounded;
}

function roundPreservingSum(values: Float64Array): Float64Array {
  const integers = values.map(roundHalfToEven);
  const wanted = roundHalfToEven(sumOf(values));
  let missing = wanted - sumOf(integers);
  while (missing !== 0) {
    const step = missing < 0 ? -1 : 1;
    const byRemainder = sortingOrder(values.map((value, i) => value - integers[i]!));
    if (step > 0) byRemainder.reverse();
    for (const index of byRemainder.subarray(0, Math.abs(missing))) integers[index]! += step;
    missing = wanted - sumOf(integers);
  }
  return integers;
}

/** Adds as numpy does, to the last bit: which of two equal remainders is rounded up hangs on it. */
function pairwiseSum(values: Float64Array): number {
  const n = values.length;
  if (n > 128) {
    const half = (n >> 1) - ((n >> 1) % 8);
    return pairwiseSum(values.subarray(0, half)) + pairwiseSum(values.subarray(half));
  }
  if (n < 8) return sumOf(values);
  const r = values.slice(0, 8);
  const whole = n - (n % 8);
  for (let i = 8; i < whole; i++) r[i % 8]! += values[i]!;
  const sum = r[0]! + r[1]! + (r[2]! + r[3]!) + (r[4]! + r[5]! + (r[6]! + r[7]!));
  return values.subarray(whole).reduce((soFar, value) => soFar + value, sum);
}

/** As numpy rounds. */
function roundHalfToEven(value: number): number {
  const below = Math.floor(value);
  const fraction = value - below;
  if (fraction !== 0.5) return Math.round(value);
  return below % 2 === 0 ? below : below + 1;
}

/** The most probable of all classes if two or more reach their thresholds; else the one that does; −1: none does. */
function confidentClass(
  probabilities: Probabilities,
  start: number,
  outputs: number,
  reach: Float64Array,
): number {
  let reached = 0;
  let first = -1;
  let best = 0;
  let highest = -Infinity;
  for (let c = 0; c < outputs; c++) {
    const p = probabilities[start + c]!;
    if (p > highest) {
      highest = p;
      best = c;
    }
    if (p >= reach[c]!) {
      if (reached === 0) first = c;
      reached++;
    }
  }
  return reached > 1 ? best : first;
}

const sumOf = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0);
