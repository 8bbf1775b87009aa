import { z } from 'zod';
import type { ImportanceEstimator, LinearCheckpoint } from './estimator.js';
import { withEvidence } from './evidence.js';
import { residualsAt, squaredNormsWithIntercept, squaredRowNorms, type LastLayerSide } from './lastLayer.js';

const paramsSchema = z.strictObject({
  checkpoints: z.int().positive().default(10).describe('first checkpoints that are averaged'),
});

/**
 * Minus the mean over checkpoints of the last layer's gradient norm ‖p − e_y‖·√(‖x‖² + 1), at most 0. The paper keeps
 * samples of *large* norm; under label noise these are the wrong ones, so here small norms score high.
 *
 * @source Paul, Ganguli & Dziugaite, Deep Learning on a Data Diet, NeurIPS 2021
 */
export const grand: ImportanceEstimator<z.infer<typeof paramsSchema>> = {
  name: 'grand',
  paramsSchema,
  requires: ['features', 'checkpoints'],
  usesLabelSurprise: true,
  detectsLabelErrors: true,
  unit: 'none',
  notes: {
    formula: '−mean over checkpoints of ‖p_t − e_y‖·√(‖x‖² + 1)',
    cost: '1 short fit that keeps checkpoints + O(T·n·d·K)',
    higherMeans: 'it pulls little on the parameters',
    use: 'pruning by difficulty where feature norms matter; else el2n',
    source: 'Paul, Ganguli & Dziugaite, NeurIPS 2021',
  },
  estimate(evidence, { checkpoints: wanted }) {
    const kinds = ['features', 'checkpoints'] as const;
    const { features, targets, checkpoints } = withEvidence(evidence, 'grand', kinds);
    const norms = checkpoints.slice(0, wanted).map((at) => gradientNorms(at, { features, targets }));
    return Float64Array.from(targets, (_, row) => 0 - meanOf(norms.map((each) => each[row]!)));
  },
};

/** Norm of the last layer's gradient of each sample at a checkpoint, (n,). */
export function gradientNorms(checkpoint: LinearCheckpoint, samples: LastLayerSide): Float64Array {
  const errors = squaredRowNorms(residualsAt(checkpoint, samples), checkpoint.intercept.length);
  return squaredNormsWithIntercept(samples.features).map((input, row) => Math.sqrt(input * errors[row]!));
}

const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(values.length, 1);
