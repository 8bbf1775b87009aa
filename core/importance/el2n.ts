import { z } from 'zod';
import { meanOverEpochs } from './cartography.js';
import { forEachLogits, probabilitiesAt, type LabelledDynamics } from './dynamics.js';
import type { ImportanceEstimator } from './estimator.js';
import { withEvidence } from './evidence.js';

const paramsSchema = z.strictObject({
  epochs: z.int().positive().default(10).describe('first epochs that are averaged: early ones tell the most'),
});

/**
 * Minus the mean over the first epochs of ‖p − e_y‖₂, in [−√2, 0]. The paper keeps the samples of *large* norm, which are
 * hard or mislabelled; under label noise that does harm, so here the easy score high.
 *
 * @source Paul, Ganguli & Dziugaite, Deep Learning on a Data Diet, NeurIPS 2021
 */
export const el2n: ImportanceEstimator<z.infer<typeof paramsSchema>> = {
  name: 'el2n',
  paramsSchema,
  requires: ['trainingDynamics'],
  usesLabelSurprise: true,
  detectsLabelErrors: true,
  unit: 'none',
  notes: {
    formula: '−mean over the first epochs of ‖p_t − e_y‖₂',
    cost: '1 short fit that logs its logits + O(T·n·K)',
    higherMeans: 'the prediction is near the label early on',
    use: 'pruning by difficulty; the paper averages ten short runs',
    source: 'Paul, Ganguli & Dziugaite, NeurIPS 2021',
  },
  estimate(evidence, { epochs: wanted }) {
    const { dynamics, targets, outputs } = withEvidence(evidence, 'el2n', ['trainingDynamics']);
    const epochs = Math.min(wanted, dynamics.epochs);
    const norms = errorNorms({ ...dynamics, epochs, targets, outputs });
    return meanOverEpochs(norms, epochs, targets.length).map((norm) => 0 - norm);
  },
};

/** ‖softmax(z) − e_y‖₂ of every epoch and sample, (T, n). */
export function errorNorms(dynamics: LabelledDynamics): Float64Array {
  const { epochs, targets, outputs } = dynamics;
  const norms = new Float64Array(epochs * targets.length);
  const p = new Float64Array(outputs);
  forEachLogits(dynamics, (epoch, row, start) => {
    probabilitiesAt(dynamics, start, p);
    p[targets[row]!]! -= 1;
    norms[epoch * targets.length + row] = Math.sqrt(p.reduce((sum, value) => sum + value * value, 0));
  });
  return norms;
}
