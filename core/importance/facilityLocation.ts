import { z } from 'zod';
import type { DenseMatrix } from '../../contracts/matrix.js';
import { rowOf, squaredDistance } from '../matrix/dense.js';
import type { ImportanceEstimator } from './estimator.js';
import { withEvidence } from './evidence.js';
import { narrowing } from './narrowFeatures.js';

const paramsSchema = z.strictObject({
  share: z.number().gt(0).max(1).default(0.1).describe('of the samples that the coreset may hold'),
  dimensions: z.int().positive().default(64).describe('wider features are projected at random to so many'),
});

/** Samples that stand for all others, in the order in which they were chosen. */
export interface FacilityLocation {
  readonly chosen: Int32Array;
  readonly gains: Float64Array; // what each choice added to Σᵢ max similarity
  readonly served: Float64Array; // samples nearest to each, itself included
}

/**
 * CRAIG's weights: for a sample of the coreset the number of samples that it is nearest to, else 0. Greedy facility
 * location on features; similarity is the largest distance minus the distance. Time O(n²·d), memory O(n).
 *
 * @source Mirzasoleiman, Bilmes & Leskovec, Coresets for Data-efficient Training of Machine Learning Models, ICML 2020
 */
export const facilityLocation: ImportanceEstimator<z.infer<typeof paramsSchema>> = {
  name: 'facility_location',
  paramsSchema,
  requires: ['features'],
  usesLabelSurprise: false,
  detectsLabelErrors: false,
  unit: 'none',
  notes: {
    formula: 'number of samples served, 0 outside the greedy maximiser of Σ_i max_{j∈A} s_ij',
    cost: 'no fit; O(n²·d), O(n) memory',
    higherMeans: 'it stands for many samples',
    use: 'pruning to a small weighted set (policy clip); random is a strong rival at most sizes',
    source: 'Mirzasoleiman, Bilmes & Leskovec, ICML 2020',
  },
  estimate(evidence, { share, dimensions }, random) {
    const { features, targets } = withEvidence(evidence, 'facility_location', ['features']);
    const points = narrowing(features.matrix.cols, dimensions, random)(features);
    const { chosen, served } = chooseFacilities(points, Math.ceil(share * targets.length));
    const scores = new Float64Array(targets.length);
    chosen.forEach((row, place) => (scores[row] = served[place]!));
    return scores;
  },
};

/**
 * Chooses greedily what raises Σᵢ max_{j∈A} sᵢⱼ most, sᵢⱼ = largest distance − distance; of equal gains the lowest row.
 * A gain can only fall as the set grows, so that a stale gain is computed again only when it leads (lazy greedy).
 *
 * @source Minoux, Accelerated greedy algorithms, 1978
 */
export function chooseFacilities(points: DenseMatrix, budget: number): FacilityLocation {
  const n = points.rows;
  const wanted = Math.min(budget, n);
  const most = largestDistance(points);
  const best = new Float64Array(n); // similarity to the nearest chosen
  const nearest = new Int32Array(n).fill(-1);
  const similarity = (i: number, j: number): number => most - distance(points, i, j);
  const gainOf = (j: number): number => {
    let gain = 0;
    for (let i = 0; i < n; i++) gain += Math.max(similarity(i, j) - best[i]!, 0);
    return gain;
  };
  const gains = new Float64Array(n).fill(Infinity);
  const chosen: number[] = [];
  const added: number[] = [];
  const fresh = new Int32Array(n).fill(-1); // size of the set that the gain is of
  while (chosen.length < wanted) {
    const leader = leading(gains);
    if (fresh[leader] !== chosen.length) {
      gains[leader] = gainOf(leader);
      fresh[leader] = chosen.length;
      continue;
    }
    added.push(gains[leader]!);
    gains[leader] = -Infinity;
    for (let i = 0; i < n; i++) {
      const found = similarity(i, leader);
      if (nearest[i]! >= 0 && found <= best[i]!) continue;
      best[i] = found;
      nearest[i] = chosen.length;
    }
    chosen.push(leader);
  }
  const served = new Float64Array(chosen.length);
  for (const place of nearest) if (place >= 0) served[place]!++;
  return { chosen: Int32Array.from(chosen), gains: Float64Array.from(added), served };
}

const distance = (points: DenseMatrix, i: number, j: number): number =>
  Math.sqrt(squaredDistance(rowOf(points, i), rowOf(points, j)));

function largestDistance(points: DenseMatrix): number {
  let most = 0;
  for (let i = 0; i < points.rows; i++)
    for (let j = 0; j < i; j++) most = Math.max(most, distance(points, i, j));
  return most;
}

/** Position of the largest, the first of equals. */
function leading(values: Float64Array): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i]! > values[best]!) best = i;
  return best;
}
