import type { Figures } from '../contracts/stage.js';
import type { Evidence, ImportanceEstimator } from '../core/importance/index.js';
import { fitNoisePosterior } from '../core/weighting/index.js';

/** Estimated share of wrong labels from which a validation side is called noisy. */
const NOISY = 0.05;

/**
 * A figure `warning` where the estimator judges samples by the labels of a validation side, and these look wrong too
 * often: an inner fold in a run, with the noise that all training rows have.
 */
export function noiseWarning(
  { name, requires }: ImportanceEstimator,
  { logits, targets, outputs }: Evidence,
): Figures {
  if (!requires.includes('validation')) return {};
  const { noiseRate } = fitNoisePosterior(logits!, targets, outputs);
  if (noiseRate < NOISY) return { validationNoiseRate: noiseRate };
  return {
    validationNoiseRate: noiseRate,
    warning:
      `${name} judges samples by the labels of held-out folds, of which an estimated ${Math.round(100 * noiseRate)}% are wrong: ` +
      'its scores are weak there; pvi, noise_posterior or self_confidence need no trusted labels',
  };
}
