import type * as TF from '@tensorflow/tfjs-core';
import type { Network, OptimizerSettings } from '../contracts/engine.js';
import type { Backend, Variable } from './backend.js';
import { learningRateAt } from './schedule.js';

/** A parameter and what its optimizer remembers of it. */
export interface Slots {
  readonly value: Variable;
  readonly memory: readonly Variable[];
}

/** How many arrays like the parameter an optimizer remembers, by name. */
export function memoryNames({ name, momentum }: OptimizerSettings): readonly string[] {
  if (name === 'adamw') return ['m', 'v'];
  return momentum > 0 ? ['velocity'] : [];
}

/** The numbers of a step that change from step to step: [learning rate, β₁ᵗ, β₂ᵗ, decay]. */
export function ratesAt(step: number, steps: number, settings: OptimizerSettings): Float32Array {
  const rate = learningRateAt(step, steps, settings);
  const { beta1, beta2, weightDecay } = settings;
  return Float32Array.of(rate, beta1 ** (step + 1), beta2 ** (step + 1), rate * weightDecay);
}

/**
 * Changes the parameters by one step of the optimizer. Decay comes first, on the parameter as it was.
 *
 * @param rates (4,), see {@link ratesAt}
 * @source Loshchilov & Hutter 2019, "Decoupled weight decay regularization", algorithm 2; order and epsilon as in Keras 3
 */
export function applyGradients(
  backend: Backend,
  network: Pick<Network, 'decays'>,
  parameters: ReadonlyMap<string, Slots>,
  gradients: ReadonlyMap<string, TF.Tensor>,
  rates: TF.Tensor1D,
  settings: OptimizerSettings,
): void {
  const { tf, variables } = backend;
  const [learningRate, beta1Power, beta2Power, decay] = tf.unstack(rates) as TF.Scalar[];
  const { beta1, beta2, epsilon, momentum } = settings;
  const adamRates = {
    learningRate: learningRate!,
    beta1Power: beta1Power!,
    beta2Power: beta2Power!,
    beta1,
    beta2,
    epsilon,
  };
  const scale = clipScale(backend, [...gradients.values()], settings.clipNorm);
  for (const [name, { value, memory }] of parameters) {
    const given = gradients.get(name)!;
    const gradient = scale === undefined ? given : tf.mul(given, scale);
    if (settings.weightDecay > 0 && network.decays(name)) variables.descend(value, decay!, value.read());
    const [first, second] = memory;
    if (settings.name === 'adamw') variables.adam(value, first!, second!, gradient, adamRates);
    else if (first === undefined) variables.descend(value, learningRate!, gradient);
    else variables.momentum(value, first, learningRate!, gradient, momentum);
  }
}

/** What all gradients are multiplied by, so that their common norm is at most `clipNorm`. */
function clipScale(
  { tf, variables }: Backend,
  gradients: readonly TF.Tensor[],
  clipNorm: number | null,
): TF.Scalar | undefined {
  if (clipNorm === null) return undefined;
  const halves = gradients.map((gradient) => variables.halfSquares(gradient));
  const norm = tf.sqrt(tf.mul(tf.sum(tf.stack(halves)), 2));
  return tf.div<TF.Scalar>(clipNorm, tf.maximum(norm, clipNorm));
}
