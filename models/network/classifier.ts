import type * as TF from '@tensorflow/tfjs-core';
import type { NamedTensors, Network, Ops } from '../../contracts/engine.js';
import { tensorNamed } from './dense.js';

/** Computes class logits (b, K). */
export type Logits = (ops: Ops, parameters: NamedTensors, inputs: NamedTensors) => TF.Tensor2D;

/** Biases and the scales and shifts of LayerNorm are not shrunk. */
export const shrinks = (parameter: string): boolean => !/\.(bias|gamma|beta)$/.test(parameter);

/**
 * Cross entropy of `labels` (b,), nats, with a share of each target spread evenly over all classes.
 *
 * @source Szegedy et al. 2016, "Rethinking the Inception Architecture for Computer Vision", section 7
 */
export const classifierNetwork = (logits: Logits, labelSmoothing: number): Network => ({
  outputs: logits,
  decays: shrinks,
  loss(ops, parameters, inputs) {
    const scores = logits(ops, parameters, inputs); // (b, K)
    const plain = ops.sparseCrossEntropy(scores, tensorNamed(inputs, 'labels')); // (b,)
    if (labelSmoothing === 0) return plain;
    const { tf } = ops;
    const even = tf.sub(tf.logSumExp(scores, 1), tf.mean(scores, 1)); // (b,)
    return tf.add(tf.mul(plain, 1 - labelSmoothing), tf.mul(even, labelSmoothing));
  },
});
