import type { RankedQuery, RankingDefinition } from './rankingMetric.js';

type Gain = (grade: number) => number;

/** Discounted cumulative gain of the first k grades, the discount of place i = 1, 2, … being 1 / log₂(i + 1). */
function dcg(grades: Float64Array, depth: number, gain: Gain): number {
  let sum = 0;
  const end = Math.min(depth, grades.length);
  for (let i = 0; i < end; i++) sum += gain(grades[i]!) / Math.log2(i + 2);
  return sum;
}

const normalized =
  (gain: Gain) =>
  ({ grades, ideal }: RankedQuery, depth: number): number => {
    const best = dcg(ideal, depth, gain);
    return best > 0 ? dcg(grades, depth, gain) / best : 0;
  };

/**
 * Normalised discounted cumulative gain with gain 2^grade − 1. A query without a relevant item counts as 0, as in
 * trec_eval and scikit-learn (LightGBM and XGBoost count it as 1).
 *
 * @source Burges et al., Learning to Rank Using Gradient Descent, ICML 2005
 */
export const ndcg: RankingDefinition = {
  name: 'ndcg',
  takesDepth: true,
  ofQuery: normalized((grade) => 2 ** grade - 1),
};

/**
 * The same with the grade itself as gain: trec_eval's `ndcg_cut`, scikit-learn's `ndcg_score`.
 *
 * @source Järvelin & Kekäläinen, Cumulated Gain-Based Evaluation of IR Techniques, TOIS 2002
 */
export const ndcgLinear: RankingDefinition = {
  name: 'ndcg_linear',
  takesDepth: true,
  ofQuery: normalized((grade) => grade),
};
