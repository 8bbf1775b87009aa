import { z } from 'zod';
import type { DenseMatrix } from '../../contracts/matrix.js';
import { rowOf, squaredDistance } from '../matrix/dense.js';
import type { ImportanceEstimator } from './estimator.js';
import { withEvidence } from './evidence.js';
import { narrowing } from './narrowFeatures.js';

const paramsSchema = z.strictObject({
  share: z.number().gt(0).max(1).default(0.1).describe('of the samples that become centres'),
  dimensions: z.int().positive().default(64).describe('wider features are projected at random to so many'),
});

/** Centres in the order in which they were chosen. */
export interface KCenters {
  readonly centres: Int32Array;
  /** Distance of each centre after the first to the nearest one before it: the radius that its choice ended. */
  readonly radii: Float64Array;
  /** Distance of every sample to its nearest centre, (n,); its maximum is the final radius. */
  readonly distances: Float64Array;
}

/**
 * How much of the space only this sample covers: the distance of a centre to the nearest centre chosen before it, of any
 * other sample to its nearest centre. The first centre, nearest to the mean, scores as the second.
 *
 * @source Sener & Savarese, Active Learning for CNNs: A Core-Set Approach, ICLR 2018; Gonzalez 1985
 */
export const kCenter: ImportanceEstimator<z.infer<typeof paramsSchema>> = {
  name: 'k_center',
  paramsSchema,
  requires: ['features'],
  usesLabelSurprise: false,
  detectsLabelErrors: false,
  unit: 'none',
  notes: {
    formula: 'distance to the nearest centre chosen before',
    cost: 'no fit; O(share·n²·d), O(n) memory',
    higherMeans: 'nothing like it was chosen before',
    use: 'choosing a diverse subset; outliers come first, so clean the data before',
    source: 'Sener & Savarese, ICLR 2018',
  },
  estimate(evidence, { share, dimensions }, random) {
    const { features, targets } = withEvidence(evidence, 'k_center', ['features']);
    if (targets.length === 0) return new Float64Array();
    const points = narrowing(features.matrix.cols, dimensions, random)(features);
    const budget = Math.ceil(share * targets.length);
    const { centres, radii, distances } = chooseCenters(points, budget, nearestToMean(points));
    const scores = distances.slice();
    centres.forEach((row, place) => (scores[row] = radii[Math.max(place - 1, 0)] ?? 0));
    return scores;
  },
};

/** From the first centre on, greedily the sample that is farthest from all centres; of equals the lowest row. */
export function chooseCenters(points: DenseMatrix, budget: number, first: number): KCenters {
  const centres = [first];
  const radii: number[] = [];
  const squared = new Float64Array(points.rows).fill(Infinity);
  const approach = (centre: number): void => {
    const at = rowOf(points, centre);
    for (let i = 0; i < points.rows; i++) {
      squared[i] = Math.min(squared[i]!, squaredDistance(rowOf(points, i), at));
    }
  };
  approach(first);
  while (centres.length < Math.min(budget, points.rows)) {
    let farthest = 0;
    for (let i = 1; i < points.rows; i++) if (squared[i]! > squared[farthest]!) farthest = i;
    radii.push(Math.sqrt(squared[farthest]!));
    centres.push(farthest);
    approach(farthest);
  }
  return {
    centres: Int32Array.from(centres),
    radii: Float64Array.from(radii),
    distances: squared.map(Math.sqrt),
  };
}

/** Row nearest to the mean of all rows; the first of equals. */
export function nearestToMean(points: DenseMatrix): number {
  const mean = new Float64Array(points.cols);
  points.values.forEach((value, at) => (mean[at % points.cols]! += value / points.rows));
  let best = 0;
  let lowest = Infinity;
  for (let i = 0; i < points.rows; i++) {
    const distance = squaredDistance(rowOf(points, i), mean);
    if (distance < lowest - 1e-12) {
      lowest = distance;
      best = i;
    }
  }
  return best;
}
