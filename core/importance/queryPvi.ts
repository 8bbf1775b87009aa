import type { z } from 'zod';
import type { ImportanceEstimator } from './estimator.js';
import { withEvidence } from './evidence.js';
import { itemInformation, rankingPviParams } from './itemPvi.js';

/**
 * Mean `item_pvi` of the query, given to each of its items, in bits: below 0 the query's grades contradict what the others
 * teach (shuffled or made by an unreliable judge). With the policy `clip` each query weighs max(mean, 0), and all its
 * items alike, which pair- and listwise losses need.
 *
 * @source evidence of this project: shuffled queries are found at an AUROC of .9999 on pricerunner_relevance_derived
 */
export const queryPvi: ImportanceEstimator<z.infer<typeof rankingPviParams>> = {
  name: 'query_pvi',
  paramsSchema: rankingPviParams,
  requires: ['outOfFoldLogits', 'groups'],
  usesLabelSurprise: true,
  detectsLabelErrors: false,
  unit: 'bits',
  notes: {
    formula: 'mean over the query of item_pvi',
    cost: 'the k fits of the out-of-fold evidence + O(n·K)',
    higherMeans: "the query's grades follow its items' features",
    use: 'ranking trained pair- or listwise: whole queries with unreliable grades',
    source: 'this project; after Ethayarajh, Choi & Swayamdipta, ICML 2022',
  },
  estimate(evidence, params) {
    const { groups } = withEvidence(evidence, 'query_pvi', ['groups']);
    return groupMeans(itemInformation(evidence, params, 'query_pvi'), groups);
  },
};

/** Each value replaced by the mean of its group, (n,). */
export function groupMeans(values: Float64Array, groups: Int32Array): Float64Array {
  const sums = new Map<number, { total: number; count: number }>();
  groups.forEach((group, i) => {
    const sum = sums.get(group) ?? { total: 0, count: 0 };
    sums.set(group, { total: sum.total + values[i]!, count: sum.count + 1 });
  });
  return values.map((_, i) => {
    const { total, count } = sums.get(groups[i]!)!;
    return total / count;
  });
}
