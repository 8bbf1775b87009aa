import {
  calibrateConfidentJoint,
  confidentJoint,
  PROBABILITY_TOLERANCE,
  roundPreservingRowTotals,
} from './confidentJoint.js';

/** Which samples of a noisy class pair are called label issues; cleanlab's names. */
export type LabelIssueFilter = 'prune_by_noise_rate' | 'prune_by_class' | 'both' | 'confident_learning';

export interface LabelIssueOptions {
  /** @default 'prune_by_noise_rate' */
  readonly filterBy?: LabelIssueFilter;
  /** Share of the estimated label errors to flag, in [0, 1]. Not used by `confident_learning`. @default 1 */
  readonly fracNoise?: number;
  /** Samples that each class keeps. Not used by `confident_learning`. @default 1 */
  readonly minExamplesPerClass?: number;
}

/**
 * Flags the samples whose label is probably wrong: an exact port, for single labels, of cleanlab's `find_label_issues`.
 * Ties are broken by row order.
 *
 * @param probabilities (n, K) row-major, out of fold
 * @param targets class codes (n,) in [0, K)
 * @returns mask (n,), 1 = flagged
 * @source Northcutt, Jiang & Chuang, Confident Learning, JAIR 2021, section 3.2; cleanlab 2.9
 */
export function findLabelIssues(
  probabilities: Float64Array,
  targets: Int32Array,
  outputs: number,
  { filterBy = 'prune_by_noise_rate', fracNoise = 1, minExamplesPerClass = 1 }: LabelIssueOptions = {},
): Uint8Array {
  const joint = confidentJoint(probabilities, targets, outputs);
  const samples: Samples = { probabilities, targets, outputs };
  const prune = pruneCounts(
    calibrateConfidentJoint(joint.counts, targets, outputs),
    outputs,
    minExamplesPerClass,
    fracNoise,
  );
  const flagged = flag(samples, joint.offDiagonal, prune, minExamplesPerClass, filterBy);
  unflagWherePredictionAgrees(flagged, samples);
  return flagged;
}

interface Samples {
  readonly probabilities: Float64Array; // (n, K)
  readonly targets: Int32Array; // (n,)
  readonly outputs: number; // K
}

function flag(
  samples: Samples,
  offDiagonal: Int32Array,
  prune: Float64Array,
  minExamplesPerClass: number,
  filterBy: LabelIssueFilter,
): Uint8Array {
  switch (filterBy) {
    case 'confident_learning': {
      const flagged = new Uint8Array(samples.targets.length);
      for (const row of offDiagonal) flagged[row] = 1;
      return flagged;
    }
    case 'prune_by_noise_rate':
      return pruneByNoiseRate(samples, prune, minExamplesPerClass);
    case 'prune_by_class':
      return pruneByClass(samples, prune, minExamplesPerClass);
    case 'both': {
      const byClass = pruneByClass(samples, prune, minExamplesPerClass);
      return pruneByNoiseRate(samples, prune, minExamplesPerClass).map((bit, row) => bit & byClass[row]!);
    }
  }
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
function pruneByClass(samples: Samples, prune: Float64Array, minExamples: number): Uint8Array {
  const { probabilities, targets, outputs } = samples;
  const flagged = new Uint8Array(targets.length);
  rowsByClass(targets, outputs).forEach((rows, k) => {
    if (rows.length <= minExamples) return;
    const issues = rows.length - prune[k * (outputs + 1)]!;
    if (issues < 1) return;
    flagLowest(flagged, rows, issues, (row) => probabilities[row * outputs + k]!);
  });
  return flagged;
}

/** Of each pair (true j, given k) the samples whose probability of j most exceeds that of k, as many as the pair has. */
function pruneByNoiseRate(samples: Samples, prune: Float64Array, minExamples: number): Uint8Array {
  const { probabilities, targets, outputs } = samples;
  const flagged = new Uint8Array(targets.length);
  rowsByClass(targets, outputs).forEach((rows, k) => {
    if (rows.length <= minExamples) return;
    for (let j = 0; j < outputs; j++) {
      const issues = prune[j * outputs + k]!;
      if (j === k || issues <= 0) continue;
      flagLowest(flagged, rows, issues, (row) => {
        return probabilities[row * outputs + k]! - probabilities[row * outputs + j]!;
      });
    }
  });
  return flagged;
}

function flagLowest(
  flagged: Uint8Array,
  rows: readonly number[],
  count: number,
  key: (row: number) => number,
): void {
  const ascending = rows.map((row) => ({ row, key: key(row) })).sort((a, b) => a.key - b.key);
  for (const { row } of ascending.slice(0, count)) flagged[row] = 1;
}

/** Takes the flag off where the given class is the most probable one. @source cleanlab 2.9 `_reduce_issues` */
function unflagWherePredictionAgrees(
  flagged: Uint8Array,
  { probabilities, targets, outputs }: Samples,
): void {
  targets.forEach((target, row) => {
    const start = row * outputs;
    const own = probabilities[start + target]! + PROBABILITY_TOLERANCE;
    for (let c = 0; c < outputs; c++) {
      const other = probabilities[start + c]!;
      if (c !== target && (other > own || (other === own && c < target))) return;
    }
    flagged[row] = 0;
  });
}

function rowsByClass(targets: Int32Array, outputs: number): number[][] {
  const rows: number[][] = Array.from({ length: outputs }, () => []);
  targets.forEach((target, row) => rows[target]!.push(row));
  return rows;
}
