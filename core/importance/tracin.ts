import { z } from 'zod';
import type { ImportanceEstimator, LinearCheckpoint } from './estimator.js';
import { withEvidence } from './evidence.js';
import {
  gradientDots,
  residualsAt,
  squaredNormsWithIntercept,
  squaredRowNorms,
  summedGradient,
  type LastLayerSide,
} from './lastLayer.js';

const paramsSchema = z.strictObject({});

/**
 * TracInCP against the validation side: Σ_t η_t ⟨∇ℓ(zᵢ; θ_t), mean over validation of ∇ℓ(z; θ_t)⟩, the intercept
 * included. Above 0: a step on the sample lowers the validation loss.
 *
 * @source Pruthi et al., Estimating Training Data Influence by Tracing Gradient Descent, NeurIPS 2020
 */
export const tracin: ImportanceEstimator<z.infer<typeof paramsSchema>> = {
  name: 'tracin',
  paramsSchema,
  requires: ['features', 'validation', 'checkpoints'],
  usesLabelSurprise: true,
  detectsLabelErrors: true,
  unit: 'nats',
  notes: {
    formula: 'Σ_t η_t ⟨∇ℓ(z_i; θ_t), mean ∇ℓ(z_val; θ_t)⟩',
    cost: '1 fit that keeps T checkpoints + O(T·(n + m)·d·K)',
    higherMeans: 'steps on it lowered the validation loss',
    use: 'which samples helped or harmed a given validation set',
    source: 'Pruthi et al., NeurIPS 2020',
  },
  estimate(evidence) {
    const kinds = ['features', 'validation', 'checkpoints'] as const;
    const { features, targets, validation, checkpoints } = withEvidence(evidence, 'tracin', kinds);
    return tracedInfluence(checkpoints, { features, targets }, validation);
  },
};

/** TracInCP of each sample with the mean of the other side, (n,), in nats. */
export function tracedInfluence(
  checkpoints: readonly LinearCheckpoint[],
  samples: LastLayerSide,
  against: LastLayerSide,
): Float64Array {
  const total = new Float64Array(samples.targets.length);
  for (const checkpoint of checkpoints) {
    const outputs = checkpoint.intercept.length;
    const gradient = summedGradient(against.features, residualsAt(checkpoint, against), outputs);
    const dots = gradientDots(samples.features, residualsAt(checkpoint, samples), gradient, outputs);
    const scale = checkpoint.learningRate / Math.max(against.targets.length, 1);
    dots.forEach((dot, row) => (total[row]! += scale * dot));
  }
  return total;
}

/** TracInCP of each sample with itself, (n,): Σ_t η_t ‖∇ℓ(zᵢ; θ_t)‖². Large for outliers and wrong labels. */
export function tracedSelfInfluence(
  checkpoints: readonly LinearCheckpoint[],
  samples: LastLayerSide,
): Float64Array {
  const inputs = squaredNormsWithIntercept(samples.features);
  const total = new Float64Array(inputs.length);
  for (const checkpoint of checkpoints) {
    const errors = squaredRowNorms(residualsAt(checkpoint, samples), checkpoint.intercept.length);
    errors.forEach((error, row) => (total[row]! += checkpoint.learningRate * error * inputs[row]!));
  }
  return total;
}
