import { z } from 'zod';
import type { DenseMatrix } from '../../contracts/matrix.js';
import { dot, rowOf, squaredDistance } from '../matrix/dense.js';
import type { ImportanceEstimator } from './estimator.js';
import { withEvidence } from './evidence.js';
import { kMeans } from './kMeans.js';
import { narrowing } from './narrowFeatures.js';

const paramsSchema = z.strictObject({
  epsilon: z.number().gt(0).lt(1).default(0.05).describe('samples of a cosine above 1 − ε are duplicates'),
  clusters: z.int().positive().optional().describe('of k-means; by default √n'),
  iterations: z.int().positive().default(20).describe('most rounds of k-means'),
  dimensions: z.int().positive().default(128).describe('wider features are projected at random to so many'),
});

/**
 * 1 − ε less the largest cosine to a sample of the same cluster that is kept before it, in [−ε, 2]: below 0 = a semantic
 * duplicate. Of a pair the one farther from the cluster's centre is kept. A sample that comes first in its cluster
 * scores 2 − ε.
 *
 * @source Abbas et al., SemDeDup: Data-efficient learning at web-scale through semantic deduplication, 2023
 */
export const semdedup: ImportanceEstimator<z.infer<typeof paramsSchema>> = {
  name: 'semdedup',
  paramsSchema,
  requires: ['features'],
  usesLabelSurprise: false,
  detectsLabelErrors: false,
  unit: 'none',
  notes: {
    formula: '(1 − ε) − largest cosine to a sample kept before it in its cluster',
    cost: 'no fit; k-means O(n·√n·d), then pairs inside clusters',
    higherMeans: 'nothing like it is kept; below 0: a semantic duplicate',
    use: 'pruning duplicates that are not near in words (policy filter)',
    source: 'Abbas et al. 2023',
  },
  estimate(evidence, { epsilon, clusters, iterations, dimensions }, random) {
    const { features, targets } = withEvidence(evidence, 'semdedup', ['features']);
    if (targets.length === 0) return new Float64Array();
    const points = toUnitRows(narrowing(features.matrix.cols, dimensions, random)(features));
    const k = Math.min(clusters ?? Math.ceil(Math.sqrt(targets.length)), targets.length);
    const { labels, centres } = kMeans(points, k, iterations);
    const far = Float64Array.from(labels, (label, i) =>
      squaredDistance(rowOf(points, i), rowOf(centres, label)),
    );
    const order = Int32Array.from(labels.keys()).sort((a, b) => far[b]! - far[a]!);
    return novelty(points, labels, order, 1 - epsilon);
  },
};

/** Compares each sample, in the given order, with those of its cluster that were kept before. */
function novelty(points: DenseMatrix, labels: Int32Array, order: Int32Array, limit: number): Float64Array {
  const kept = new Map<number, number[]>();
  const scores = new Float64Array(labels.length);
  for (const row of order) {
    const before = kept.get(labels[row]!) ?? [];
    let nearest = -1;
    for (const other of before) nearest = Math.max(nearest, dot(rowOf(points, row), rowOf(points, other)));
    scores[row] = limit - nearest;
    if (nearest <= limit) before.push(row);
    kept.set(labels[row]!, before);
  }
  return scores;
}

function toUnitRows(points: DenseMatrix): DenseMatrix {
  const values = points.values.slice();
  for (let i = 0; i < points.rows; i++) {
    const row = values.subarray(i * points.cols, (i + 1) * points.cols);
    const norm = Math.sqrt(dot(row, row));
    if (norm > 0) row.forEach((x, j) => (row[j] = x / norm));
  }
  return { ...points, values };
}
