import type { PreparedSamples } from '../contracts/prepared.js';
import { keptNegatives, negativesShift } from '../core/calibration/negatives.js';
import type { Task } from '../core/tasks/index.js';

/** Rows that a unit is really trained on, and what that does to its logits. */
export interface TrainedRows {
  readonly rows: Int32Array; // ascending
  readonly shift?: Float64Array; // to be added to logits, one number a class
}

/** All of a unit's rows, or all positives and a share of the negatives where the task says so. */
export function trainedRows(
  { negatives = 1 }: Task,
  { ids, targets }: Pick<PreparedSamples, 'ids' | 'targets'>,
  rows: Int32Array,
  seed: number,
): TrainedRows {
  if (negatives === 1) return { rows };
  const kept = keptNegatives(
    rows.map((row) => targets[row]!),
    Array.from(rows, (row) => ids[row]!),
    negatives,
    seed,
  );
  return { rows: kept.map((at) => rows[at]!), shift: Float64Array.of(0, negativesShift(negatives)) };
}
