import { findLabelIssues, rankLabelIssues } from '../importance/labelIssues.js';
import { normalizedMargins } from '../importance/labelQuality.js';
import { argmaxRows } from '../probability.js';

/** A sample whose label is probably wrong: its place among the given rows, and the class that fits. */
export interface SuspectedLabel {
  readonly place: number;
  readonly suggested: number;
  readonly givenProbability: number;
  readonly suggestedProbability: number;
}

/**
 * Suspected label errors by confident learning, those of the widest gap between suggested and given class first.
 *
 * @param probabilities (n, K), out of fold
 * @source Northcutt, Jiang & Chuang, Confident Learning, JAIR 2021
 */
export function suspectedLabels(
  probabilities: Float64Array,
  targets: Int32Array,
  outputs: number,
): SuspectedLabel[] {
  const flagged = findLabelIssues(probabilities, targets, outputs);
  const order = rankLabelIssues(flagged, normalizedMargins(probabilities, targets, outputs));
  const said = argmaxRows(probabilities, outputs);
  return Array.from(order, (place) => ({
    place,
    suggested: said[place]!,
    givenProbability: probabilities[place * outputs + targets[place]!]!,
    suggestedProbability: probabilities[place * outputs + said[place]!]!,
  }));
}
