import type * as TF from '@tensorflow/tfjs-core';
import type { NamedTensors, Network, Ops, OptimizerSettings } from '../contracts/engine.js';
import type { Backend } from './backend.js';
import { applyGradients, type Slots } from './optimizer.js';

/** What a step is fed. */
export interface StepFeeds {
  readonly inputs: NamedTensors;
  /** (b,): weight / (batch size × mean weight); 0 for rows that only fill up the batch. */
  readonly shares: TF.Tensor1D;
  readonly seed: TF.Tensor1D; // int32 (2,)
  readonly rates: TF.Tensor1D; // (4,), see `ratesAt`
}

export interface StepSettings {
  readonly network: Network;
  readonly optimizer: OptimizerSettings;
  readonly l2: number;
}

/**
 * One step of training on one batch: forward, backward, update.
 *
 * @returns Σ shareᵢ ℓᵢ, without L2
 */
export function trainingStep(
  backend: Backend,
  { network, optimizer, l2 }: StepSettings,
  parameters: ReadonlyMap<string, Slots>,
  { inputs, shares, seed, rates }: StepFeeds,
): TF.Scalar {
  const { tf } = backend;
  const values = new Map([...parameters].map(([name, { value }]) => [name, value.read()]));
  const { value, gradients } = lossAndGradients(backend.ops(true, seed), network, values, inputs, shares);
  if (l2 > 0) addL2(tf, network, values, gradients, l2);
  applyGradients(backend, network, parameters, gradients, rates, optimizer);
  return value;
}

/** Σ shareᵢ ℓᵢ and its gradient by every parameter; zeros for one that the loss does not depend on. */
export function lossAndGradients(
  ops: Ops,
  network: Network,
  parameters: ReadonlyMap<string, TF.Tensor>,
  inputs: NamedTensors,
  shares: TF.Tensor1D,
): { value: TF.Scalar; gradients: Map<string, TF.Tensor> } {
  const { tf } = ops;
  const named = Object.fromEntries(parameters);
  const { value, grads } = tf
    .engine()
    .gradients(
      () => tf.sum(tf.mul(network.loss(ops, named, inputs), shares)) as TF.Scalar,
      [...parameters.values()],
      undefined,
      true,
    );
  const gradients = new Map(
    [...parameters].map(([name, tensor], i): [string, TF.Tensor] => [
      name,
      (grads[i] as TF.Tensor | null) ?? tf.zerosLike(tensor),
    ]),
  );
  return { value, gradients };
}

/** Adds λθ to the gradient of every parameter that decays. */
function addL2(
  tf: typeof TF,
  network: Network,
  values: ReadonlyMap<string, TF.Tensor>,
  gradients: Map<string, TF.Tensor>,
  l2: number,
): void {
  for (const [name, value] of values) {
    if (network.decays(name)) gradients.set(name, tf.add(gradients.get(name)!, tf.mul(value, l2)));
  }
}
