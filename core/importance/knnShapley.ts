import { z } from 'zod';
import type { ImportanceEstimator } from './estimator.js';
import { knnShapley as knnShapleyValues } from './knn/shapley.js';
import { narrowSides } from './narrowFeatures.js';

const paramsSchema = z.strictObject({
  k: z.int().positive().default(10).describe('neighbours that vote'),
  dimensions: z.int().positive().default(256).describe('wider features are projected at random to so many'),
});

/**
 * Exact Shapley value of each sample for the accuracy of a k-nearest-neighbour vote on the validation side.
 *
 * @source Jia et al., Efficient Task-Specific Data Valuation for Nearest Neighbor Algorithms, PVLDB 12(11) 2019
 */
export const knnShapley: ImportanceEstimator<z.infer<typeof paramsSchema>> = {
  name: 'knn_shapley',
  paramsSchema,
  requires: ['features', 'validation'],
  usesLabelSurprise: true,
  detectsLabelErrors: true,
  unit: 'utility',
  notes: {
    formula:
      'sᵢ = sᵢ₊₁ + (1[yᵢ=y] − 1[yᵢ₊₁=y])/k · min(k, i)/i from the farthest to the nearest; mean over validation',
    cost: 'no fit; O(m·n·(d + log n)) for m validation rows, O(n·d) memory',
    higherMeans: 'it is near validation samples of its own class',
    use: 'where features carry distances (embeddings, scaled columns) and the validation labels can be trusted',
    source: 'Jia et al., PVLDB 2019',
  },
  estimate(evidence, { k, dimensions }, random) {
    const { own, other } = narrowSides(evidence, 'knn_shapley', dimensions, random);
    return knnShapleyValues(own, other, k);
  },
};
