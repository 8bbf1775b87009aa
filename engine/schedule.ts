import type { OptimizerSettings } from '../contracts/engine.js';

/**
 * Learning rate of a step: rises linearly from 0 over the warm-up, then stays, falls linearly to 0, or along half a cosine.
 *
 * @param step from 0
 * @param steps of the whole training
 * @source Loshchilov & Hutter 2017, "SGDR", equation 5 with one period (cosine)
 */
export function learningRateAt(
  step: number,
  steps: number,
  { learningRate, schedule, warmup }: Pick<OptimizerSettings, 'learningRate' | 'schedule' | 'warmup'>,
): number {
  const warm = Math.round(warmup * steps);
  if (step < warm) return (learningRate * (step + 1)) / warm;
  const done = steps > warm ? (step - warm) / (steps - warm) : 0; // [0, 1)
  switch (schedule) {
    case 'constant':
      return learningRate;
    case 'linear':
      return learningRate * (1 - done);
    case 'cosine':
      return learningRate * 0.5 * (1 + Math.cos(Math.PI * done));
  }
}
