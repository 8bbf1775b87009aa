import type * as TF from '@tensorflow/tfjs-core';
import type { Ops } from '../contracts/engine.js';
import { pairLoss } from './pairLoss.js';
import { withGradient } from './withGradient.js';

const GELU_CUBIC = 0.044715;
const GELU_SCALE = Math.sqrt(2 / Math.PI);
const NORMAL_SCALE = 1 / Math.sqrt(2 * Math.PI);

/**
 * Normalises the last axis, with the gradient in closed form: fewer operations than by differentiating each.
 *
 * @source Ba, Kiros & Hinton 2016, "Layer normalization"
 */
export function layerNorm<T extends TF.Tensor>(
  tf: typeof TF,
  x: T,
  gamma: TF.Tensor1D,
  beta: TF.Tensor1D,
  epsilon: number,
): T {
  const forward = (x: TF.Tensor, gamma: TF.Tensor, beta: TF.Tensor) => {
    const centred = tf.sub(x, tf.mean(x, -1, true));
    const scale = tf.rsqrt(tf.add(tf.mean(tf.square(centred), -1, true), epsilon)); // (…, 1)
    const unit = tf.mul(centred, scale);
    return { value: tf.add(tf.mul(unit, gamma), beta), saved: [unit, scale, gamma] };
  };
  const backward = (dy: TF.Tensor, [unit, scale, gamma]: TF.Tensor[]): TF.Tensor[] => {
    const rows = dy.shape.slice(0, -1).map((_, axis) => axis);
    const g = tf.mul(dy, gamma!);
    const along = tf.mean(tf.mul(g, unit!), -1, true); // (…, 1)
    const dx = tf.mul(tf.sub(tf.sub(g, tf.mean(g, -1, true)), tf.mul(unit!, along)), scale!);
    return [dx, tf.sum(tf.mul(dy, unit!), rows), tf.sum(dy, rows)];
  };
  return withGradient(tf, [x, gamma, beta], forward, backward);
}

/**
 * GELU with its derivative in closed form.
 *
 * @source Hendrycks & Gimpel 2016, "Gaussian error linear units"
 */
export function gelu<T extends TF.Tensor>(tf: typeof TF, x: T, form: 'erf' | 'tanh'): T {
  return form === 'erf' ? geluErf(tf, x) : geluTanh(tf, x);
}

function geluErf<T extends TF.Tensor>(tf: typeof TF, x: T): T {
  const forward = (x: TF.Tensor) => {
    const share = tf.mul(tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1), 0.5); // Φ(x)
    return { value: tf.mul(x, share), saved: [x, share] };
  };
  const backward = (dy: TF.Tensor, [x, share]: TF.Tensor[]): TF.Tensor[] => {
    const density = tf.mul(tf.exp(tf.mul(tf.square(x!), -0.5)), NORMAL_SCALE);
    return [tf.mul(dy, tf.add(share!, tf.mul(x!, density)))];
  };
  return withGradient(tf, [x], forward, backward);
}

function geluTanh<T extends TF.Tensor>(tf: typeof TF, x: T): T {
  const forward = (x: TF.Tensor) => {
    const slope = tf.add(tf.mul(tf.square(x), GELU_CUBIC), 1);
    const t = tf.tanh(tf.mul(tf.mul(x, slope), GELU_SCALE));
    return { value: tf.mul(tf.mul(x, 0.5), tf.add(t, 1)), saved: [x, t] };
  };
  const backward = (dy: TF.Tensor, [x, t]: TF.Tensor[]): TF.Tensor[] => {
    const inner = tf.add(tf.mul(tf.square(x!), 3 * GELU_CUBIC * GELU_SCALE), GELU_SCALE);
    const bend = tf.mul(tf.mul(tf.mul(x!, 0.5), tf.sub(1, tf.square(t!))), inner);
    return [tf.mul(dy, tf.add(tf.mul(tf.add(t!, 1), 0.5), bend))];
  };
  return withGradient(tf, [x], forward, backward);
}

/** Rows of a table; their gradient is summed up per row of the table. */
export function embedding(
  tf: typeof TF,
  table: TF.Tensor2D,
  ids: TF.Tensor,
  gather: (table: TF.Tensor, ids: TF.Tensor) => TF.Tensor,
): TF.Tensor {
  const [rows, width] = table.shape;
  const forward = (table: TF.Tensor) => ({ value: gather(table, ids), saved: [ids] });
  const backward = (dy: TF.Tensor, [ids]: TF.Tensor[]): TF.Tensor[] => [
    tf.unsortedSegmentSum(tf.reshape(dy, [-1, width]), tf.reshape(ids!, [-1]), rows),
  ];
  return withGradient(tf, [table], forward, backward);
}

/** Zeroes elements where a uniform number is below `rate`, scales the rest by 1/(1 − rate). */
export function dropout<T extends TF.Tensor>(
  tf: typeof TF,
  x: T,
  rate: number,
  uniform: (shape: number[]) => TF.Tensor,
): T {
  const forward = (x: TF.Tensor) => {
    const kept = tf.mul(tf.cast(tf.greaterEqual(uniform(x.shape), rate), 'float32'), 1 / (1 - rate));
    return { value: tf.mul(x, kept), saved: [kept] };
  };
  return withGradient(tf, [x], forward, (dy, [kept]) => [tf.mul(dy, kept!)]);
}

/** What differs between backends. */
export type BackendOps = Pick<Ops, 'lstm' | 'sparseCrossEntropy'> & {
  gather(table: TF.Tensor, ids: TF.Tensor): TF.Tensor;
  /** Uniform in [0, 1), decided by the two seeds alone. */
  uniform(shape: number[], seed: TF.Tensor1D): TF.Tensor;
};

/** All operations; the n-th dropout of a pass draws from the n-th stream of the seed. */
export function makeOps(tf: typeof TF, own: BackendOps, training: boolean, seed: TF.Tensor1D): Ops {
  let streams = 0;
  const uniform = (shape: number[]): TF.Tensor =>
    own.uniform(shape, tf.add(seed, tf.tensor1d([0, streams++], 'int32')));
  return {
    tf,
    training,
    lstm: own.lstm,
    sparseCrossEntropy: own.sparseCrossEntropy,
    layerNorm: (x, gamma, beta, epsilon) => layerNorm(tf, x, gamma, beta, epsilon),
    gelu: (x, form) => gelu(tf, x, form),
    pairLoss: (scores, pairs, swap) => pairLoss(tf, scores, pairs, swap),
    embedding: (table, ids) => embedding(tf, table, ids, own.gather),
    dropout: (x, rate) => (training && rate > 0 ? dropout(tf, x, rate, uniform) : x),
  };
}
