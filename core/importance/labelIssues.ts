import { argmaxRows, classCounts } from '../probability.js';
import {
  calibrateConfidentJoint,
  confidentJoint,
  PROBABILITY_TOLERANCE,
  roundPreservingRowTotals,
  type Probabilities,
} from './confidentJoint.js';
import { normalizedMargins, selfConfidences } from './labelQuality.js';
import { forEachSmallest, sortingOrder } from './sortingOrder.js';

/** Which samples are called label issues; cleanlab's names. */
export const LABEL_ISSUE_FILTERS = [
  'prune_by_noise_rate',
  'prune_by_class',
  'both',
  'confident_learning',
  'predicted_neq_given',
  'low_normalized_margin',
  'low_self_confidence',
] as const;
/** Which rows count as label issues: see `findLabelIssues`. */
export type LabelIssueFilter = (typeof LABEL_ISSUE_FILTERS)[number];

/** How `findLabelIssues` looks. */
export interface LabelIssueOptions {
  /** @default 'prune_by_noise_rate' */
  readonly filterBy?: LabelIssueFilter;
  /** Share of the estimated label errors to flag, in [0, 1]. Used by the `prune_by_…` filters and `both`. @default 1 */
  readonly fracNoise?: number;
  /** Samples that each class keeps. Used by the `prune_by_…` filters and `both`. @default 1 */
  readonly minExamplesPerClass?: number;
}

/**
 * Flags the samples whose label is probably wrong: an exact port, for single labels, of cleanlab's `find_label_issues`.
 * Of equal probabilities those are flagged that numpy's sort puts first in a class of up to 64 samples, else the first
 * rows.
 *
 * @param probabilities (n, K) row-major, out of fold; not copied
 * @param targets class codes (n,) in [0, K)
 * @returns mask (n,), 1 = flagged
 * @source Northcutt, Jiang & Chuang, Confident Learning, JAIR 2021, section 3.2; cleanlab 2.9
 */
export function findLabelIssues(
  probabilities: Probabilities,
  targets: Int32Array,
  outputs: number,
  { filterBy = 'prune_by_noise_rate', fracNoise = 1, minExamplesPerClass = 1 }: LabelIssueOptions = {},
): Uint8Array {
  const samples: Samples = { probabilities, targets, outputs };
  const prune = (): Pruning => {
    const { counts } = confidentJoint(probabilities, targets, outputs);
    const calibrated = calibrateConfidentJoint(counts, targets, outputs);
    const matrix = pruneCounts(calibrated, outputs, minExamplesPerClass, fracNoise);
    return { prune: matrix, minExamples: minExamplesPerClass, rows: rowsByClass(samples) };
  };
  const flagged = flag(samples, prune, filterBy);
  const lowest = filterBy === 'low_normalized_margin' || filterBy === 'low_self_confidence';
  if (!lowest) unflagWherePredictionAgrees(flagged, samples);
  return flagged;
}

/**
 * How many labels are probably wrong: the confident samples off the diagonal whose prediction isn't their label, or
 * (`calibrated`) what is off the diagonal of the calibrated joint.
 *
 * @source cleanlab 2.9 `num_label_issues`
 */
export function countLabelIssues(
  probabilities: Probabilities,
  targets: Int32Array,
  outputs: number,
  calibrated = false,
): number {
  if (!calibrated) {
    const flagged = findLabelIssues(probabilities, targets, outputs, { filterBy: 'confident_learning' });
    return flagged.reduce((sum, bit) => sum + bit, 0);
  }
  const { counts } = confidentJoint(probabilities, targets, outputs);
  const joint = calibrateConfidentJoint(counts, targets, outputs);
  return joint.reduce((sum, count, cell) => (cell % (outputs + 1) === 0 ? sum : sum + count), 0);
}

/** Flagged rows, the least trustworthy first. @source cleanlab 2.9 `order_label_issues` */
export function rankLabelIssues(flagged: Uint8Array, scores: Float64Array): Int32Array {
  const rows = Int32Array.from(flagged.keys()).filter((row) => flagged[row] === 1);
  return sortingOrder(Float64Array.from(rows, (row) => scores[row]!)).map((place) => rows[place]!);
}

interface Samples {
  readonly probabilities: Probabilities; // (n, K)
  readonly targets: Int32Array; // (n,)
  readonly outputs: number; // K
}

interface Pruning {
  readonly prune: Float64Array; // (K, K), [true][given]
  readonly minExamples: number;
  readonly rows: readonly Int32Array[]; // of each class
}

function flag(samples: Samples, prune: () => Pruning, filterBy: LabelIssueFilter): Uint8Array {
  const { probabilities, targets, outputs } = samples;
  switch (filterBy) {
    case 'confident_learning':
      return offDiagonal(samples);
    case 'predicted_neq_given': {
      const predicted = argmaxRows(probabilities, outputs);
      return Uint8Array.from(targets, (target, row) => (predicted[row] === target ? 0 : 1));
    }
    case 'low_normalized_margin':
      return lowest(normalizedMargins(probabilities, targets, outputs), samples);
    case 'low_self_confidence':
      return lowest(selfConfidences(probabilities, targets, outputs), samples);
    case 'prune_by_noise_rate':
      return pruneByNoiseRate(samples, prune());
    case 'prune_by_class':
      return pruneByClass(samples, prune());
    case 'both': {
      const pruning = prune();
      const byClass = pruneByClass(samples, pruning);
      return pruneByNoiseRate(samples, pruning).map((bit, row) => bit & byClass[row]!);
    }
  }
}

function offDiagonal({ probabilities, targets, outputs }: Samples): Uint8Array {
  const flagged = new Uint8Array(targets.length);
  for (const row of confidentJoint(probabilities, targets, outputs).offDiagonal) flagged[row] = 1;
  return flagged;
}

/** As many samples of the lowest scores as there are label issues. */
function lowest(scores: Float64Array, { probabilities, targets, outputs }: Samples): Uint8Array {
  const flagged = new Uint8Array(targets.length);
  forEachSmallest(scores, countLabelIssues(probabilities, targets, outputs), (row) => (flagged[row] = 1));
  return flagged;
}

/**
 * How many samples to prune, (K, K), [true][given]: the calibrated joint turned over, its diagonal raised to the number
 * of samples that a class keeps, the rest scaled by `fracNoise`.
 *
 * @source cleanlab 2.9 `_keep_at_least_n_per_class`
 */
function pruneCounts(
  calibrated: Float64Array,
  outputs: number,
  keep: number,
  fracNoise: number,
): Float64Array {
  const prune = new Float64Array(calibrated.length);
  for (let given = 0; given < outputs; given++) {
    const diagonal = calibrated[given * (outputs + 1)]!;
    const kept = Math.max(diagonal, keep);
    let nonZero = 0;
    for (let c = 0; c < outputs; c++) if (calibrated[given * outputs + c] !== 0) nonZero++;
    const less = (kept - diagonal) / Math.max(nonZero - 1, 1);
    let spared = 0;
    for (let c = 0; c < outputs; c++) {
      if (c === given) continue;
      const count = Math.max(calibrated[given * outputs + c]! - less, 0);
      spared += count - count * fracNoise;
      prune[c * outputs + given] = Math.trunc(count * fracNoise);
    }
    prune[given * (outputs + 1)] = Math.trunc(kept + spared);
  }
  return roundPreservingRowTotals(prune, outputs);
}

/** Of each given class the samples of lowest self-confidence, as many as the class has errors. */
function pruneByClass({ probabilities, targets, outputs }: Samples, pruning: Pruning): Uint8Array {
  const { prune, minExamples } = pruning;
  const flagged = new Uint8Array(targets.length);
  pruning.rows.forEach((rows, k) => {
    if (rows.length <= minExamples) return;
    const keys = Float64Array.from(rows, (row) => probabilities[row * outputs + k]!);
    const issues = rows.length - prune[k * (outputs + 1)]!;
    forEachSmallest(keys, issues, (place) => (flagged[rows[place]!] = 1));
  });
  return flagged;
}

/** Of each pair (true j, given k) the samples whose probability of j most exceeds that of k, as many as the pair has. */
function pruneByNoiseRate({ probabilities, targets, outputs }: Samples, pruning: Pruning): Uint8Array {
  const { prune, minExamples } = pruning;
  const flagged = new Uint8Array(targets.length);
  pruning.rows.forEach((rows, k) => {
    if (rows.length <= minExamples) return;
    const keys = new Float64Array(rows.length);
    for (let j = 0; j < outputs; j++) {
      const issues = prune[j * outputs + k]!;
      if (j === k || issues <= 0) continue;
      marginsOver(probabilities, rows, outputs, k, j, keys);
      forEachSmallest(keys, issues, (place) => (flagged[rows[place]!] = 1));
    }
  });
  return flagged;
}

/** Takes the flag off where the given class is the most probable one. @source cleanlab 2.9 `_reduce_issues` */
function unflagWherePredictionAgrees(
  flagged: Uint8Array,
  { probabilities, targets, outputs }: Samples,
): void {
  for (let row = 0; row < targets.length; row++) {
    if (flagged[row] === 1 && agrees(probabilities, targets[row]!, row * outputs, outputs)) flagged[row] = 0;
  }
}

/** Whether the given class is the most probable one; of equals the first. */
function agrees(probabilities: Probabilities, target: number, start: number, outputs: number): boolean {
  const own = probabilities[start + target]! + PROBABILITY_TOLERANCE;
  for (let c = 0; c < outputs; c++) {
    const other = probabilities[start + c]!;
    if (c !== target && (other > own || (other === own && c < target))) return false;
  }
  return true;
}

/** How much less each row is of class `j` than of class `k`; a function of its own is compiled sooner than a loop. */
function marginsOver(
  probabilities: Probabilities,
  rows: Int32Array,
  outputs: number,
  k: number,
  j: number,
  keys: Float64Array,
): void {
  for (let place = 0; place < keys.length; place++) {
    const start = rows[place]! * outputs;
    keys[place] = probabilities[start + k]! - probabilities[start + j]!;
  }
}

function rowsByClass({ targets, outputs }: Samples): Int32Array[] {
  const rows = Array.from(classCounts(targets, outputs), (count) => new Int32Array(count));
  const taken = new Int32Array(outputs);
  for (let row = 0; row < targets.length; row++) {
    const target = targets[row]!;
    rows[target]![taken[target]!++] = row;
  }
  return rows;
}
