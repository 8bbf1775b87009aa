import { z } from 'zod';
import { logProbabilityOf } from '../probability.js';
import type { Evidence, ImportanceEstimator } from './estimator.js';
import { withEvidence } from './evidence.js';
import { pointwiseBits } from './vInformation.js';

export const rankingPviParams = z.strictObject({
  smoothing: z
    .number()
    .positive()
    .default(1)
    .describe("added to the count of each grade in the prior of the item's own query"),
  floor: z
    .number()
    .positive()
    .max(1e-3)
    .default(1e-12)
    .describe('smallest probability that is believed: a score is finite'),
});

/**
 * Pointwise V-information of an item of a ranking, in bits: log₂ of the out-of-fold probability of its grade over the
 * share of that grade among the *other* items of its query, smoothed. Unlike `pvi` it forgives a query for being easy or
 * full of one grade. Groups are queries.
 *
 * @source after Ethayarajh, Choi & Swayamdipta, ICML 2022, with the query's prior as the null model
 */
export const itemPvi: ImportanceEstimator<z.infer<typeof rankingPviParams>> = {
  name: 'item_pvi',
  paramsSchema: rankingPviParams,
  requires: ['outOfFoldLogits', 'groups'],
  usesLabelSurprise: true,
  detectsLabelErrors: true,
  unit: 'bits',
  notes: {
    formula: 'log₂ p(y|x) − log₂ prior of y among the other items of the query',
    cost: 'the k fits of the out-of-fold evidence + O(n·K)',
    higherMeans: "the item's features tell its grade within its query",
    use: 'ranking trained pointwise; harms pair- and listwise losses: there use query_pvi',
    source: 'after Ethayarajh, Choi & Swayamdipta, ICML 2022',
  },
  estimate: (evidence, params) => itemInformation(evidence, params, 'item_pvi'),
};

/** Bits of every item, (n,). */
export function itemInformation(
  evidence: Evidence,
  { smoothing, floor }: z.infer<typeof rankingPviParams>,
  wantedBy: string,
): Float64Array {
  const { targets, outputs, logits, groups } = withEvidence(evidence, wantedBy, [
    'outOfFoldLogits',
    'groups',
  ]);
  const counts = new Map<number, Float64Array>(); // query → counts of grades (K,)
  const sizes = new Map<number, number>();
  groups.forEach((query, i) => {
    const own = counts.get(query) ?? new Float64Array(outputs);
    own[targets[i]!]!++;
    counts.set(query, own);
    sizes.set(query, (sizes.get(query) ?? 0) + 1);
  });
  const lowest = Math.log(floor);
  return logProbabilityOf(targets, logits, outputs).map((given, i) => {
    const query = groups[i]!;
    const others = counts.get(query)![targets[i]!]! - 1;
    const prior = (others + smoothing) / (sizes.get(query)! - 1 + outputs * smoothing);
    return pointwiseBits(given, Math.log(prior), lowest);
  });
}
