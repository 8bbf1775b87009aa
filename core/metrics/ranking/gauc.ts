import { rocAuc } from '../detection.js';
import type { RankingDefinition } from './rankingMetric.js';

/**
 * Grouped AUC: the area under the ROC curve inside each query or user, weighted by impressions. Groups whose items are
 * all relevant or all irrelevant have no AUC; they are skipped, and `perQuery` counts them.
 *
 * @source Zhu et al., Optimized Cost per Click in Taobao Display Advertising, KDD 2017
 */
export const gauc: RankingDefinition = {
  name: 'gauc',
  takesDepth: false,
  ofQuery({ grades, scores, weights }) {
    const positives = Uint8Array.from(grades, (grade) => (grade >= 1 ? 1 : 0));
    const mass = [0, 0];
    positives.forEach((positive, i) => (mass[positive]! += weights[i]!));
    return mass[0]! > 0 && mass[1]! > 0 ? rocAuc(scores, positives, weights) : undefined;
  },
  importance: ({ weights }) => weights.reduce((sum, weight) => sum + weight, 0),
};
