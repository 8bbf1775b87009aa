import { z } from 'zod';
import { logProbabilityOf } from '../probability.js';
import type { ImportanceEstimator } from './estimator.js';
import { withEvidence } from './evidence.js';

const paramsSchema = z.strictObject({
  floor: z
    .number()
    .positive()
    .max(1e-3)
    .default(1e-12)
    .describe('smallest probability that is believed: a score is finite'),
});

/**
 * Reducible holdout loss in nats: the loss of a model that trained on the sample (the last epoch of its dynamics) less
 * that of models that never saw it (out of fold). Above 0: worth learning, and not yet learned. A wrong label is not
 * learnable from the others, an easy sample is learned already: both score low.
 *
 * @source Mindermann et al., Prioritized Training on Points that are Learnable, Worth Learning, and Not Yet Learnt,
 * ICML 2022
 */
export const rhoLoss: ImportanceEstimator<z.infer<typeof paramsSchema>> = {
  name: 'rho_loss',
  paramsSchema,
  requires: ['outOfFoldLogits', 'trainingDynamics'],
  usesLabelSurprise: true,
  detectsLabelErrors: false,
  unit: 'nats',
  notes: {
    formula: 'L[y|x; trained on it] − L[y|x; held out]',
    cost: 'the k fits of the out-of-fold evidence + 1 fit that logs its logits',
    higherMeans: 'others teach its label, and it is not learned yet',
    use: 'what to train on next; between denoising and hard-example mining',
    source: 'Mindermann et al., ICML 2022',
  },
  estimate(evidence, { floor }) {
    const kinds = ['outOfFoldLogits', 'trainingDynamics'] as const;
    const { targets, outputs, logits, dynamics } = withEvidence(evidence, 'rho_loss', kinds);
    const lowest = Math.log(floor);
    const held = logProbabilityOf(targets, logits, outputs);
    if (dynamics.epochs === 0) return held.map((log) => Math.max(log, lowest));
    const last = dynamics.logits.slice((dynamics.epochs - 1) * targets.length * outputs);
    const current = logProbabilityOf(targets, Float64Array.from(last), outputs);
    return held.map((log, i) => Math.max(log, lowest) - Math.max(current[i]!, lowest));
  },
};
