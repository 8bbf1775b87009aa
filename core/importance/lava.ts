import { z } from 'zod';
import { rowOf, squaredDistance } from '../matrix/dense.js';
import type { Random } from '../random.js';
import type { ImportanceEstimator } from './estimator.js';
import { narrowSides, type DenseSide } from './narrowFeatures.js';
import { sinkhorn } from './sinkhorn.js';

const paramsSchema = z.strictObject({
  dimensions: z.int().positive().default(64).describe('wider features are projected at random to so many'),
  labelWeight: z
    .number()
    .nonnegative()
    .default(1)
    .describe('of the distance of classes against that of features'),
  regularisation: z.number().positive().default(0.05).describe('ε of Sinkhorn, share of the mean cost'),
  rounds: z.int().positive().default(200).describe("most of Sinkhorn's rounds"),
  validationLimit: z
    .int()
    .positive()
    .default(1000)
    .describe('validation samples that are transported to; more are drawn from at random'),
});

/**
 * Minus the calibrated dual potential of the transport from the samples to the validation side: how much less mass at
 * this sample would bring the two sets together. A pair costs the distance of its features plus that of its classes; two
 * classes are as far apart as their features (Gaussian with diagonal covariance, the classes of the validation side
 * against the samples'). Memory O(n·m).
 *
 * @source Just et al., LAVA: Data Valuation without Pre-Specified Learning Algorithms, ICLR 2023; Alvarez-Melis & Fusi,
 * Geometric Dataset Distances via Optimal Transport, NeurIPS 2020 (distance of classes)
 */
export const lava: ImportanceEstimator<z.infer<typeof paramsSchema>> = {
  name: 'lava',
  paramsSchema,
  requires: ['features', 'validation'],
  usesLabelSurprise: true,
  detectsLabelErrors: true,
  unit: 'none',
  notes: {
    formula: '−(f_i − mean_{j≠i} f_j), f the Sinkhorn dual of OT(train, validation) with class-wise costs',
    cost: 'no fit; Sinkhorn O(rounds·n·m), O(n·m) memory',
    higherMeans: 'it lies where validation samples of its class lie',
    use: 'noisy or foreign features; published figures on label noise are near random',
    source: 'Just et al., ICLR 2023',
  },
  estimate(evidence, params, random) {
    const { own, other: whole, outputs } = narrowSides(evidence, 'lava', params.dimensions, random);
    const n = own.targets.length;
    if (n === 0 || whole.targets.length === 0) return new Float64Array(n);
    const other = drawn(whole, params.validationLimit, random);
    const costs = pairCosts(own, other, outputs, params.labelWeight);
    const mean = costs.reduce((sum, cost) => sum + cost, 0) / costs.length;
    if (!(mean > 0)) return new Float64Array(n);
    const m = other.targets.length;
    const problem = {
      costs,
      source: new Float64Array(n).fill(1 / n),
      target: new Float64Array(m).fill(1 / m),
    };
    return calibrated(sinkhorn(problem, params.regularisation * mean, params.rounds).f).map(
      (value) => 0 - value,
    );
  },
};

/** fᵢ − mean of the others, (n,): the derivative of the cost by the sample's mass, which others give up evenly. */
function calibrated(f: Float64Array): Float64Array {
  const n = f.length;
  if (n === 1) return new Float64Array(1);
  const total = f.reduce((sum, value) => sum + value, 0);
  return f.map((value) => value - (total - value) / (n - 1));
}

function drawn(side: DenseSide, limit: number, random: Random): DenseSide {
  const m = side.targets.length;
  if (m <= limit) return side;
  const rows = random.shuffle(Int32Array.from({ length: m }, (_, i) => i)).subarray(0, limit);
  const { cols } = side.matrix;
  const values = new Float64Array(limit * cols);
  rows.forEach((row, i) => values.set(rowOf(side.matrix, row), i * cols));
  return { matrix: { rows: limit, cols, values }, targets: rows.map((row) => side.targets[row]!) };
}

/** Distance of features plus weight × distance of classes, (n, m). */
function pairCosts(own: DenseSide, other: DenseSide, outputs: number, labelWeight: number): Float64Array {
  const [n, m] = [own.targets.length, other.targets.length];
  const classes = classDistances(classMoments(own, outputs), classMoments(other, outputs), outputs);
  const costs = new Float64Array(n * m);
  for (let i = 0; i < n; i++) {
    const x = rowOf(own.matrix, i);
    for (let j = 0; j < m; j++) {
      const between = classes[own.targets[i]! * outputs + other.targets[j]!]!;
      costs[i * m + j] = Math.sqrt(squaredDistance(x, rowOf(other.matrix, j))) + labelWeight * between;
    }
  }
  return costs;
}

interface Moments {
  readonly count: number;
  readonly mean: Float64Array;
  readonly deviation: Float64Array;
}

function classMoments({ matrix, targets }: DenseSide, outputs: number): Moments[] {
  const counts = new Float64Array(outputs);
  const sums = Array.from({ length: outputs }, () => new Float64Array(matrix.cols));
  const squares = Array.from({ length: outputs }, () => new Float64Array(matrix.cols));
  targets.forEach((target, i) => {
    counts[target]!++;
    rowOf(matrix, i).forEach((x, j) => {
      sums[target]![j]! += x;
      squares[target]![j]! += x * x;
    });
  });
  return sums.map((sum, k) => {
    const count = Math.max(counts[k]!, 1);
    const mean = sum.map((value) => value / count);
    const deviation = squares[k]!.map((value, j) => Math.sqrt(Math.max(value / count - mean[j]! ** 2, 0)));
    return { count: counts[k]!, mean, deviation };
  });
}

/** Bures distance of the classes' diagonal Gaussians, (K, K); a class that one side lacks is as far as the farthest. */
function classDistances(own: readonly Moments[], other: readonly Moments[], outputs: number): Float64Array {
  const distances = new Float64Array(outputs * outputs).fill(Number.NaN);
  let farthest = 0;
  own.forEach((a, y) =>
    other.forEach((b, c) => {
      if (a.count === 0 || b.count === 0) return;
      const squared = squaredDistance(a.mean, b.mean) + squaredDistance(a.deviation, b.deviation);
      distances[y * outputs + c] = Math.sqrt(squared);
      farthest = Math.max(farthest, Math.sqrt(squared));
    }),
  );
  return distances.map((distance) => (Number.isNaN(distance) ? farthest : distance));
}
