import type { PreparedSamples } from '../../contracts/prepared.js';
import { groupedStratifiedFolds } from '../folds.js';
import { FULL_UNIT } from '../loop/unit.js';

/** How rows are divided for judging: outer folds of the training split, by this seed. */
export interface Scheme {
  readonly seed: number;
  readonly outerFolds: number;
}

/** What decides which rows are on which side. */
export type Divided = Pick<PreparedSamples, 'split' | 'targets' | 'groups' | 'classes'> &
  Partial<Pick<PreparedSamples, 'clusters' | 'foldGroups'>>;

/** The rows that a unit trains on, and the rows that it holds out. Both ascending. */
export interface UnitRows {
  readonly training: Int32Array;
  readonly heldOut: Int32Array;
}

/** Rows of a split (0 train, 1 validation, 2 test) whose target is known. */
export const knownRows = ({ split, targets }: Divided, side: number): Int32Array =>
  Int32Array.from(split.keys()).filter((row) => split[row] === side && targets[row]! >= 0);

/**
 * An outer fold's training rows have no near-duplicate among the rows that it holds out. The whole training split keeps
 * those of validation rows: sides are the user's to choose.
 *
 * @throws DataError when a class would be missing from a fold's training side
 */
export function unitRows(samples: Divided, scheme: Scheme, unit: number): UnitRows {
  const rows = knownRows(samples, 0);
  if (unit === FULL_UNIT) return { training: rows, heldOut: knownRows(samples, 1) };
  const folds = groupedStratifiedFolds({
    ...folded(samples),
    rows,
    folds: scheme.outerFolds,
    seed: scheme.seed,
  });
  const heldOut = rows.filter((_, i) => folds[i] === unit);
  const others = rows.filter((_, i) => folds[i] !== unit);
  return { training: withoutDuplicatesOf(heldOut, others, samples.clusters), heldOut };
}

/**
 * The rows that share no near-duplicate cluster with a held-out row: all of them, where clusters are part of the groups.
 *
 * @param clusters of all rows; undefined: no two rows are near-duplicates
 */
export function withoutDuplicatesOf(
  heldOut: Int32Array,
  rows: Int32Array,
  clusters: Int32Array | undefined,
): Int32Array {
  if (!clusters) return rows;
  const held = new Set(Array.from(heldOut, (row) => clusters[row]!));
  return rows.filter((row) => !held.has(clusters[row]!));
}

/** What folds keep whole, in place of what is judged as a whole. */
const folded = (samples: Divided): Divided => ({ ...samples, groups: samples.foldGroups ?? samples.groups });

/**
 * Inner fold of each of a unit's training rows. A class that one fold has alone is allowed to be missing here.
 *
 * @param repeat which of several cross-fits, each with folds of its own
 */
export function innerFolds(
  samples: Divided,
  training: Int32Array,
  scheme: Scheme,
  folds: number,
  repeat = 0,
): Int32Array {
  return groupedStratifiedFolds({
    ...folded(samples),
    rows: training,
    folds,
    seed: scheme.seed + 7919 * (1 + repeat), // another stream than the outer folds'
    missingClass: 'allow',
  });
}
