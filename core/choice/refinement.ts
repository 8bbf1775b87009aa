import { weighScores, type WeighingGround, type WeighingSettings } from './weighScores.js';
import { pickEvidence, type EvidenceGrid, type OutOfFold } from './evidenceStrength.js';

/** Models to train again: of one strength, with other weights. */
export interface Refinement {
  readonly strength: number;
  readonly weights: Float64Array; // (n,), mean 1
}

/**
 * What to train again, for evidence that has not learned the wrong labels, each weighed by the noise posterior of its own
 * predictions: at first the strength that predicts given labels best and the next weaker one (with few wrong labels
 * left, less regularisation is needed), then the better of what these gave. Nothing, where they gave nothing better.
 *
 * A row's own label has no part in the model that predicts it; it has in the weights of the rows that this model is
 * trained on. Candidates are judged on rows that had a part in neither.
 *
 * @param latest of the refinement before
 * @param rows of the evidence, in its order
 * @source the M step of EM retrains the classifier, as in Raykar et al., Learning from Crowds, JMLR 2010
 */
export function refinements(
  grid: EvidenceGrid,
  latest: readonly OutOfFold[] | undefined,
  rows: Int32Array,
  ground: WeighingGround,
  settings: Omit<WeighingSettings, 'policies'>,
): Refinement[] {
  const { targets, outputs } = grid;
  return chosen(grid, latest).map(({ strength, logits }) => {
    const unscored = new Float64Array(rows.length); // the policy looks at the logits only
    const asked = { ...settings, policies: ['noise_posterior'] };
    const weighed = weighScores(unscored, { targets, outputs, logits }, rows, ground, asked);
    return { strength, weights: weighed.get('noise_posterior')!.weights };
  });
}

function chosen(grid: EvidenceGrid, latest: readonly OutOfFold[] | undefined): readonly OutOfFold[] {
  const predicted = [...grid.predicted, ...(latest ?? [])];
  const best = pickEvidence({ ...grid, predicted });
  if (!latest) return predicted.slice(best, best + 2);
  return best < grid.predicted.length ? [] : [predicted[best]!];
}
