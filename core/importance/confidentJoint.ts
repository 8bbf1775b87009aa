import { classCounts } from '../probability.js';

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
  probabilities: Float64Array,
  targets: Int32Array,
  outputs: number,
): Float64Array {
  const sums = new Float64Array(outputs);
  targets.forEach((target, row) => {
    sums[target]! += probabilities[row * outputs + target]!;
  });
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
  probabilities: Float64Array,
  targets: Int32Array,
  outputs: number,
  thresholds: Float64Array = confidentThresholds(probabilities, targets, outputs),
): ConfidentJoint {
  const counts = new Float64Array(outputs * outputs);
  const offDiagonal: number[] = [];
  targets.forEach((target, row) => {
    const guess = confidentClass(probabilities.subarray(row * outputs, (row + 1) * outputs), thresholds);
    if (guess === undefined) return;
    counts[target * outputs + guess]!++;
    if (guess !== target) offDiagonal.push(row);
  });
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
  let total = 0;
  for (let given = 0; given < outputs; given++) {
    const row = counts.subarray(given * outputs, (given + 1) * outputs);
    const rowSum = Math.max(sumOf(row), 1e-100);
    for (let c = 0; c < outputs; c++) {
      const value = (row[c]! / rowSum) * labelCounts[given]!;
      scaled[given * outputs + c] = value;
      total += value;
    }
  }
  const factor = Math.max(total, 1e-100);
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

/** Equal remainders are ordered by class: numpy's order without AVX-512, whose sort isn't stable. */
function roundPreservingSum(values: Float64Array): Float64Array {
  const integers = values.map(roundHalfToEven);
  const wanted = roundHalfToEven(sumOf(values));
  let missing = wanted - sumOf(integers);
  while (missing !== 0) {
    const step = missing < 0 ? -1 : 1;
    const byRemainder = Array.from(values.keys()).sort(
      (a, b) => values[a]! - integers[a]! - (values[b]! - integers[b]!),
    ); // ascending, stable
    if (step > 0) byRemainder.reverse();
    for (const index of byRemainder.slice(0, Math.abs(missing))) integers[index]! += step;
    missing = wanted - sumOf(integers);
  }
  return integers;
}

/** As numpy rounds. */
function roundHalfToEven(value: number): number {
  const below = Math.floor(value);
  const fraction = value - below;
  if (fraction !== 0.5) return Math.round(value);
  return below % 2 === 0 ? below : below + 1;
}

/** The most probable of all classes if two or more reach their thresholds; else the one that does, if any. */
function confidentClass(row: Float64Array, thresholds: Float64Array): number | undefined {
  let reached = 0;
  let first: number | undefined;
  let best = 0;
  for (let c = 0; c < row.length; c++) {
    if (row[c]! > row[best]!) best = c;
    if (row[c]! >= thresholds[c]! - PROBABILITY_TOLERANCE) {
      reached++;
      first ??= c;
    }
  }
  return reached > 1 ? best : first;
}

const sumOf = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0);
