import { z } from 'zod';
import type { DenseMatrix } from '../../contracts/matrix.js';
import { rowOf, squaredDistance, withOnes } from '../matrix/dense.js';
import type { ImportanceEstimator } from './estimator.js';
import { narrowSides } from './narrowFeatures.js';
import { sinkhorn } from './sinkhorn.js';
import { createAdam, softmaxPass, weightedGradient } from './softmaxDescent.js';

const paramsSchema = z.strictObject({
  epochs: z.int().positive().default(60).describe('steps of training, on the whole set'),
  learningRate: z.number().positive().default(0.05).describe("of the model's parameters, by Adam"),
  weightRate: z.number().positive().default(0.01).describe('of the sample weights, by Adam'),
  dimensions: z.int().positive().default(64).describe('wider features are projected at random to so many'),
  validationLimit: z
    .int()
    .positive()
    .default(200)
    .describe('first validation samples that are transported to'),
});

/**
 * Sample weights that are learned with the model: both minimise (Σ wᵢℓᵢ)·OT_w(train, validation)², the loss of the
 * weighted samples times the squared transport distance between their features and the validation side's. The model is a
 * linear softmax. Starts at 1; a weight is at least 0. Memory O(n·m).
 *
 * @source Wibiral, Rahimi & Endres, LossVal: Efficient Data Valuation for Neural Networks, 2024 (arXiv 2412.04158)
 */
export const lossVal: ImportanceEstimator<z.infer<typeof paramsSchema>> = {
  name: 'loss_val',
  paramsSchema,
  requires: ['features', 'validation'],
  usesLabelSurprise: true,
  detectsLabelErrors: true,
  unit: 'none',
  notes: {
    formula: 'argmin_w (Σ w_i ℓ_i)·OT_w(train, validation)², learned with the model',
    cost: '1 fit + a few Sinkhorn rounds an epoch, O(epochs·n·(d·K + m)); O(n·m) memory',
    higherMeans: 'a small loss all the way, and features like those of the validation side',
    use: 'one run that values as it trains; best published mean F1 on tabular label noise',
    source: 'Wibiral, Rahimi & Endres 2024',
  },
  estimate(evidence, params, random) {
    const sides = narrowSides(evidence, 'loss_val', params.dimensions, random);
    const { matrix: points, targets } = sides.own;
    const { outputs, other } = sides;
    const n = targets.length;
    const weights = new Float64Array(n).fill(1);
    if (n === 0 || other.targets.length === 0) return weights;
    const transport = transportTo(points, other.matrix, params.validationLimit);
    const own = { design: withOnes(points), targets, outputs };
    const parameters = new Float64Array(own.design.cols * outputs);
    const learn = createAdam(parameters, params.learningRate);
    const reweigh = createAdam(weights, params.weightRate);
    for (let epoch = 0; epoch < params.epochs; epoch++) {
      const { losses, residuals } = softmaxPass(own, parameters);
      const loss = losses.reduce((sum, value, i) => sum + value * weights[i]!, 0) / n;
      const { distance, gradient } = transport(weights);
      const byWeights = losses.map(
        (value, i) => (value / n) * distance ** 2 + 2 * loss * distance * gradient[i]!,
      );
      const shares = weights.map((weight) => (weight / n) * distance ** 2);
      learn(weightedGradient(own, residuals, shares));
      reweigh(byWeights);
      weights.forEach((weight, i) => (weights[i] = Math.max(weight, 0)));
    }
    return weights;
  },
};

/** Transport distance of the weighted points to the others, as a share of their mean distance, and its gradient by weights. */
function transportTo(points: DenseMatrix, others: DenseMatrix, limit: number) {
  const [n, m] = [points.rows, Math.min(others.rows, limit)];
  const costs = new Float64Array(n * m);
  let sum = 0;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < m; j++) {
      costs[i * m + j] = Math.sqrt(squaredDistance(rowOf(points, i), rowOf(others, j)));
      sum += costs[i * m + j]!;
    }
  }
  const mean = sum / costs.length || 1;
  for (let at = 0; at < costs.length; at++) costs[at]! /= mean;
  const target = new Float64Array(m).fill(1 / m);
  let potentials: Float64Array | undefined;
  return (weights: Float64Array): { distance: number; gradient: Float64Array } => {
    const total = weights.reduce((all, weight) => all + weight, 0);
    if (!(total > 0)) return { distance: 1, gradient: new Float64Array(n) };
    const source = weights.map((weight) => weight / total);
    const dual = sinkhorn({ costs, source, target }, 0.05, 20, potentials);
    potentials = dual.g;
    const average = dual.f.reduce((all, value, i) => (source[i]! > 0 ? all + value * source[i]! : all), 0);
    return {
      distance: Math.max(dual.cost, 0),
      gradient: dual.f.map((value) => (value - average) / total),
    };
  };
}
