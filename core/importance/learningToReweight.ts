import { z } from 'zod';
import { withOnes } from '../matrix/dense.js';
import type { ImportanceEstimator } from './estimator.js';
import { narrowSides, type DenseSide } from './narrowFeatures.js';
import {
  createAdam,
  gradientProducts,
  softmaxPass,
  weightedGradient,
  type LabelledRows,
} from './softmaxDescent.js';

const paramsSchema = z.strictObject({
  steps: z.int().positive().default(100).describe('steps of training, each with new weights'),
  learningRate: z.number().positive().default(0.05).describe('of Adam'),
  dimensions: z.int().positive().default(128).describe('wider features are projected at random to so many'),
});

/**
 * Mean over training steps of the weight max(0, ⟨∇ℓᵢ, ∇L_val⟩), brought to mean 1 at each step: how much a small step on
 * the sample would have lowered the validation loss. The model is a linear softmax, trained by the whole set at a time.
 *
 * @source Ren, Zeng, Yang & Urtasun, Learning to Reweight Examples for Robust Deep Learning, ICML 2018
 */
export const learningToReweight: ImportanceEstimator<z.infer<typeof paramsSchema>> = {
  name: 'learning_to_reweight',
  paramsSchema,
  requires: ['features', 'validation'],
  usesLabelSurprise: true,
  detectsLabelErrors: true,
  unit: 'none',
  notes: {
    formula: 'mean over steps of max(0, ⟨∇ℓ_i, ∇L_val⟩), mean 1',
    cost: '1 fit with 3 passes a step + O(steps·(n + m)·d·K)',
    higherMeans: 'its gradient agrees with the validation side',
    use: 'weights for a trusted validation set; they are weights already (policy clip)',
    source: 'Ren et al., ICML 2018',
  },
  estimate(evidence, { steps, learningRate, dimensions }, random) {
    const {
      own: samples,
      other: held,
      outputs,
    } = narrowSides(evidence, 'learning_to_reweight', dimensions, random);
    const n = samples.targets.length;
    if (n === 0 || held.targets.length === 0) return new Float64Array(n).fill(1);
    const design = ({ matrix, targets }: DenseSide): LabelledRows => ({
      ...{ design: withOnes(matrix), targets, outputs },
    });
    const [own, other] = [design(samples), design(held)];
    const share = new Float64Array(other.targets.length).fill(1 / other.targets.length);
    const parameters = new Float64Array(own.design.cols * outputs);
    const adam = createAdam(parameters, learningRate);
    const total = new Float64Array(n);
    for (let step = 0; step < steps; step++) {
      const wanted = weightedGradient(other, softmaxPass(other, parameters).residuals, share);
      const { residuals } = softmaxPass(own, parameters);
      const weights = toMeanOne(gradientProducts(own, residuals, wanted).map((value) => Math.max(value, 0)));
      weights.forEach((weight, i) => (total[i]! += weight / steps));
      adam(
        weightedGradient(
          own,
          residuals,
          weights.map((weight) => weight / n),
        ),
      );
    }
    return total;
  },
};

/** All 1 where all are 0. */
function toMeanOne(values: Float64Array): Float64Array {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.map((value) => (mean > 0 ? value / mean : 1));
}
