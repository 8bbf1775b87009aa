import type { Evidence } from '../importance/estimator.js';
import { weightedMean } from '../statistics/bootstrap.js';
import type { Task } from '../tasks/task.js';

/** What models of one strength say of rows that they were not trained on. */
export interface OutOfFold {
  readonly strength: number;
  readonly logits: Float64Array; // (n, K)
}

export interface EvidenceGrid {
  readonly task: Task;
  readonly metric: string;
  readonly targets: Int32Array; // (n,)
  readonly groups?: Int32Array; // (n,)
  readonly outputs: number; // K
  /** Strongest regularisation first; refined ones after those that they were refined from. */
  readonly predicted: readonly OutOfFold[];
}

/**
 * Position of the best mean merit: the evidence model's own regularisation is tuned too, by being right about given
 * labels, never by their log-loss. The first of equals wins.
 */
export function pickEvidence({ task, metric, outputs, predicted, ...truth }: EvidenceGrid): number {
  const merits = predicted.map(({ logits: values }) =>
    weightedMean(
      task.merit({ ...truth, logits: { rows: truth.targets.length, cols: outputs, values } }, metric),
    ),
  );
  return merits.reduce((best, merit, i) => (merit > merits[best]! + 1e-12 ? i : best), 0);
}

/** The evidence that estimators and policies see, and the strength of the models that made it. */
export interface PickedEvidence {
  readonly evidence: Evidence;
  readonly strength: number;
  /** Whether it was made by models that were trained with the weights of earlier evidence. */
  readonly isRefined: boolean;
}

/**
 * The best of all out-of-fold predictions.
 *
 * @param refined the last refinement of `grid.predicted`
 */
export function evidenceOf(
  grid: EvidenceGrid,
  folds: Int32Array,
  refined: readonly OutOfFold[] = [],
): PickedEvidence {
  const predicted = [...grid.predicted, ...refined];
  const picked = pickEvidence({ ...grid, predicted });
  const { targets, outputs } = grid;
  const { logits, strength } = predicted[picked]!;
  return {
    evidence: { targets, outputs, logits, folds },
    strength,
    isRefined: picked >= grid.predicted.length,
  };
}
