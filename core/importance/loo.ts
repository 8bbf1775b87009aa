import { z } from 'zod';
import { withOnes } from '../matrix/dense.js';
import type { ImportanceEstimator } from './estimator.js';
import { narrowSides } from './narrowFeatures.js';
import { ridgeLeaveOneOut } from './ridge.js';

const paramsSchema = z.strictObject({
  l2: z.number().positive().default(1).describe('λ of the ridge regression of the class indicators'),
  dimensions: z.int().positive().default(128).describe('wider features are projected at random to so many'),
});

/**
 * Exact leave-one-out value of a ridge regression of the class indicators: by how much the squared error on the
 * validation side, summed over classes, would rise without the sample. The intercept is regularised.
 *
 * @source Allen 1974 (closed form); Ghorbani & Zou, ICML 2019 (as a value of data)
 */
export const loo: ImportanceEstimator<z.infer<typeof paramsSchema>> = {
  name: 'loo',
  paramsSchema,
  requires: ['features', 'validation'],
  usesLabelSurprise: true,
  detectsLabelErrors: true,
  unit: 'utility',
  notes: {
    formula: 'MSE_val(w₋ᵢ) − MSE_val(w), w₋ᵢ = w − (XᵀX + λI)⁻¹xᵢeᵢ/(1 − hᵢ)',
    cost: '1 closed-form fit + O(n·d²)',
    higherMeans: 'the validation error would rise without it',
    use: 'leave-one-out without a single refit; weak where samples are many',
    source: 'Allen 1974',
  },
  estimate(evidence, { l2, dimensions }, random) {
    const { own, other, outputs } = narrowSides(evidence, 'loo', dimensions, random);
    const total = new Float64Array(own.targets.length);
    if (other.targets.length === 0) return total;
    const design = withOnes(own.matrix);
    const test = withOnes(other.matrix);
    for (let k = 0; k < outputs; k++) {
      const indicator = (codes: Int32Array): Float64Array =>
        Float64Array.from(codes, (code) => (code === k ? 1 : 0));
      const { values } = ridgeLeaveOneOut(
        design,
        indicator(own.targets),
        { design: test, y: indicator(other.targets) },
        l2,
      );
      values.forEach((value, i) => (total[i]! += value));
    }
    return total;
  },
};
