import type * as TF from '@tensorflow/tfjs-core';
import type { Swap } from '../contracts/engine.js';
import { withGradient } from './withGradient.js';

/** A query none of whose pairs weighs anything has a loss of 0. */
const LEAST_WEIGHT = 1e-12;

/**
 * RankNet's loss of each query, and LambdaRank's where a swap is given: the weights of pairs follow the scores there, and
 * count as constants, as Burges has it.
 *
 * @param scores (q, m)
 * @param pairs (q, m, m)
 * @returns (q,)
 */
export function pairLoss(
  tf: typeof TF,
  scores: TF.Tensor2D,
  pairs: TF.Tensor3D,
  swap: Swap | undefined,
): TF.Tensor1D {
  const forward = (s: TF.Tensor) => {
    const lead = tf.sub(tf.expandDims(s, 2), tf.expandDims(s, 1)); // (q, m, m): s_i − s_j
    const worth = swap ? tf.mul(pairs, discountDifferences(tf, s, swap)) : pairs;
    const total = tf.maximum(tf.sum(worth, [1, 2], true), LEAST_WEIGHT); // (q, 1, 1)
    const weights = tf.div(worth, total); // (q, m, m)
    const losses = tf.sum(tf.mul(weights, tf.softplus(tf.neg(lead))), [1, 2]); // (q,)
    const pulls = tf.mul(weights, tf.sigmoid(tf.neg(lead))); // of j up and of i down
    return { value: losses, saved: [tf.sub(tf.sum(pulls, 1), tf.sum(pulls, 2))] };
  };
  return withGradient(tf, [scores], forward, (dy, [slope]) => [tf.mul(slope!, tf.expandDims(dy, 1))]);
}

/** |discount of i's place − discount of j's|, (q, m, m), under these scores; ties keep the order of rows. */
function discountDifferences(tf: typeof TF, s: TF.Tensor, { real, order, depth }: Swap): TF.Tensor {
  const [mine, others] = [tf.expandDims(s, 2), tf.expandDims(s, 1)];
  const isAhead = tf.cast(tf.greater(others, mine), 'float32');
  const isTied = tf.cast(tf.equal(others, mine), 'float32');
  const isBefore = tf.cast(tf.less(tf.expandDims(order, 1), tf.expandDims(order, 2)), 'float32');
  const ahead = tf.mul(tf.add(isAhead, tf.mul(isTied, isBefore)), tf.expandDims(real, 1)); // (q, m, m)
  const places = tf.sum(ahead, 2); // (q, m), 0 is the first
  const counts = tf.cast(tf.less(places, depth), 'float32');
  const discounts = tf.mul(counts, tf.div(Math.LN2, tf.log(tf.add(places, 2)))); // (q, m)
  return tf.abs(tf.sub(tf.expandDims(discounts, 2), tf.expandDims(discounts, 1)));
}
