import { z } from 'zod';
import { withOnes } from '../matrix/dense.js';
import type { ImportanceEstimator } from './estimator.js';
import { fitInfluence, influenceOn } from './influenceFunctions.js';
import { narrowSides } from './narrowFeatures.js';

/** Largest number of parameters whose Hessian is kept and factored. */
export const MOST_PARAMETERS = 2048;

export const influenceParams = z.strictObject({
  l2: z.number().positive().default(0.01).describe('λ of the objective (1/n) Σ ℓ + λ/2‖θ‖²'),
  dimensions: z
    .int()
    .positive()
    .default(64)
    .describe(
      'wider features are projected at random to so many; fewer where K classes would make the Hessian too large',
    ),
});

/** Features a Hessian over K classes has room for. */
export const roomFor = (dimensions: number, outputs: number): number =>
  Math.max(1, Math.min(dimensions, Math.floor(MOST_PARAMETERS / (outputs === 2 ? 1 : outputs)) - 1));

/**
 * Estimated change of the mean validation loss when the sample is left out, (1/n) ḡ_valᵀ H⁻¹ gᵢ in nats, of an exactly
 * fitted logistic regression (softmax for three classes or more) with an exact Hessian. Above 0: without the sample the
 * loss would be higher.
 *
 * @source Koh & Liang, Understanding Black-box Predictions via Influence Functions, ICML 2017
 */
export const influence: ImportanceEstimator<z.infer<typeof influenceParams>> = {
  name: 'influence',
  paramsSchema: influenceParams,
  requires: ['features', 'validation'],
  usesLabelSurprise: true,
  detectsLabelErrors: true,
  unit: 'nats',
  notes: {
    formula: '(1/n) ḡ_valᵀ H⁻¹ g_i',
    cost: '1 exact fit + O(n·P² + P³), P = d·K parameters, at most 2048',
    higherMeans: 'the validation loss would rise without it',
    use: 'a validation set that can be trusted, and features of a network or few columns',
    source: 'Koh & Liang, ICML 2017',
  },
  estimate(evidence, { l2, dimensions }, random) {
    const limit = roomFor(dimensions, evidence.outputs);
    const { own, other, outputs } = narrowSides(evidence, 'influence', limit, random);
    const { targets } = own;
    const n = targets.length;
    if (n === 0 || other.targets.length === 0) return new Float64Array(n);
    const fitted = fitInfluence({ design: withOnes(own.matrix), targets, outputs, l2 });
    return influenceOn(fitted, withOnes(other.matrix), other.targets).map((value) => value / n);
  },
};
