import type { Evidence } from '../importance/estimator.js';
import { weightedMean } from '../statistics/bootstrap.js';
import type { Task } from '../tasks/task.js';

export interface EvidenceGrid {
  readonly task: Task;
  readonly metric: string;
  readonly targets: Int32Array; // (n,)
  readonly groups?: Int32Array; // (n,)
  readonly outputs: number; // K
  readonly strengths: readonly number[]; // strongest regularisation first
  /** Out-of-fold logits (n × K) for each strength. */
  readonly byStrength: readonly Float64Array[];
}

/**
 * Position of the strength whose out-of-fold predictions have the best mean merit: the evidence model's own
 * regularisation is tuned too, by being right about given labels, never by their log-loss. A tie goes to the stronger.
 */
export function pickEvidenceStrength({ task, metric, outputs, byStrength, ...truth }: EvidenceGrid): number {
  const merits = byStrength.map((values) =>
    weightedMean(
      task.merit({ ...truth, logits: { rows: truth.targets.length, cols: outputs, values } }, metric),
    ),
  );
  return merits.reduce((best, merit, i) => (merit > merits[best]! + 1e-12 ? i : best), 0);
}

/** The evidence that estimators and policies see: logits of the picked strength. */
export function evidenceOf(grid: EvidenceGrid, folds: Int32Array): { evidence: Evidence; strength: number } {
  const picked = pickEvidenceStrength(grid);
  const { targets, outputs } = grid;
  return {
    evidence: { targets, outputs, logits: grid.byStrength[picked]!, folds },
    strength: grid.strengths[picked]!,
  };
}
