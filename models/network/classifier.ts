import type * as TF from '@tensorflow/tfjs-core';
import type { NamedTensors, Network, Ops } from '../../contracts/engine.js';
import { dense, tensorNamed } from './dense.js';

/** Computes class logits (b, K). */
export type Logits = (ops: Ops, parameters: NamedTensors, inputs: NamedTensors) => TF.Tensor2D;

/** Computes what the last layer is given, (b, h). */
export type States = Logits;

/** The logits of a dense layer of this name over states (b, h). */
export const headed =
  (states: States, head: string): Logits =>
  (ops, parameters, inputs) =>
    dense(ops, states(ops, parameters, inputs), parameters, head);

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
    // −Σ q ln p with q = (1 − ε)·target + ε/K is the plain loss plus ε (z of the target − mean z)
    const { tf } = ops;
    const classes = scores.shape[1];
    const labels = tensorNamed<TF.Tensor1D>(inputs, 'labels');
    const target = tf.cast(tf.oneHot(labels, classes), 'float32'); // (b, K); wasm has no oneHot of floats
    const excess = tf.sum<TF.Tensor1D>(tf.mul(scores, tf.sub(target, 1 / classes)), 1); // (b,)
    return tf.add(plain, tf.mul(excess, labelSmoothing));
  },
});
