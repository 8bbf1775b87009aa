import type * as TF from '@tensorflow/tfjs-core';
import { FLOAT, Int64, type Attribute, type NativeOps } from './binding.js';
import { withGradient } from './withGradient.js';

/** What BlockLSTMV2 gives, in its order; each (T, b, u). */
const OUTPUTS = ['i', 'cs', 'f', 'o', 'ci', 'co', 'h'] as const;

/**
 * LSTM by BlockLSTMV2, which runs all steps in one kernel.
 *
 * Backwards, TensorFlow's own BlockLSTMGradV2 multiplies small matrices at every step for the gradients of the input and
 * of the weights. Here only what a step needs of the next one is computed step by step; the rest are three large
 * products over all steps.
 */
export function blockLstm(
  tf: typeof TF,
  native: NativeOps,
  x: TF.Tensor3D,
  kernel: TF.Tensor2D,
  bias: TF.Tensor1D,
): TF.Tensor3D {
  const [steps, batch] = x.shape;
  const units = bias.shape[0] / 4;
  const attributes = [native.bool('use_peephole', false), native.type('T', FLOAT)];
  const forward = (x: TF.Tensor, kernel: TF.Tensor, bias: TF.Tensor) => {
    const start = tf.zeros([batch, units]);
    const none = tf.zeros([units]); // peepholes
    const outputs = native.run(
      'BlockLSTMV2',
      [native.float('cell_clip', 0), ...attributes],
      [new Int64(steps), x, start, start, kernel, none, none, none, bias],
      OUTPUTS.length,
    );
    return { value: outputs[6]!, saved: [x, kernel, bias, ...outputs] };
  };
  const backward = (dy: TF.Tensor, [x, kernel, bias, ...outputs]: TF.Tensor[]): TF.Tensor[] =>
    gradients(tf, native, attributes, dy, x as TF.Tensor3D, kernel as TF.Tensor2D, bias!, outputs);
  return withGradient(tf, [x, kernel, bias], forward, backward);
}

/** Gradients of x, kernel and bias. */
function gradients(
  tf: typeof TF,
  native: NativeOps,
  attributes: readonly Attribute[],
  dy: TF.Tensor,
  x: TF.Tensor3D,
  kernel: TF.Tensor2D,
  bias: TF.Tensor,
  outputs: readonly TF.Tensor[],
): TF.Tensor[] {
  const [steps, batch, width] = x.shape;
  const units = bias.shape[0]! / 4;
  const reordered = swapMiddle(tf, kernel);
  const recurrent = tf.slice(reordered, [width, 0], [units, 4 * units]);
  const gates = tf.reshape<TF.Rank.R2>(
    gateGradients(tf, native, attributes, dy, x, reordered, bias, recurrent, outputs),
    [steps * batch, 4 * units],
  );
  const before = tf.concat([
    tf.zeros([1, batch, units]),
    tf.slice(outputs[6]!, [0, 0, 0], [steps - 1, -1, -1]),
  ]);
  const flat = tf.reshape<TF.Rank.R2>(x, [steps * batch, width]);
  const ofX = tf.matMul(gates, tf.slice(reordered, [0, 0], [width, 4 * units]), false, true);
  const ofInput = tf.matMul(flat, gates, true);
  const ofRecurrent = tf.matMul(tf.reshape<TF.Rank.R2>(before, [steps * batch, units]), gates, true);
  return [
    tf.reshape(ofX, [steps, batch, width]),
    swapMiddle(tf, tf.concat([ofInput, ofRecurrent])),
    swapMiddle(tf, tf.sum(gates, 0)),
  ];
}

/** Gradients of the gates before their activations, (T, b, 4u), gates in the order of LSTMBlockCell: i, c, f, o. */
function gateGradients(
  tf: typeof TF,
  native: NativeOps,
  attributes: readonly Attribute[],
  dy: TF.Tensor,
  x: TF.Tensor3D,
  kernel: TF.Tensor,
  bias: TF.Tensor,
  recurrent: TF.Tensor2D,
  outputs: readonly TF.Tensor[],
): TF.Tensor {
  const [steps, batch, width] = x.shape;
  const zeros = tf.zeros([batch, recurrent.shape[0]]);
  const none = tf.zeros([recurrent.shape[0]]);
  const [i, cs, f, o, ci, co, h] = outputs.map((output) => tf.unstack(output));
  const slopes = tf.unstack(dy);
  const likeInput = tf.zeros([batch, width]); // the kernel looks at its shape only
  const result = new Array<TF.Tensor>(steps);
  let ofCell: TF.Tensor = zeros;
  let ofState: TF.Tensor = zeros;
  for (let t = steps - 1; t >= 0; t--) {
    const previous = [cs![t - 1] ?? zeros, h![t - 1] ?? zeros];
    const states = [i, cs, f, o, ci, co].map((all) => all![t]!);
    const [cell, gates] = native.run(
      'LSTMBlockCellGrad',
      attributes,
      [
        likeInput,
        ...previous,
        kernel,
        none,
        none,
        none,
        bias,
        ...states,
        ofCell,
        tf.add(slopes[t]!, ofState),
      ],
      5,
    );
    ofCell = cell!;
    result[t] = gates!;
    if (t > 0) ofState = tf.matMul(gates as TF.Tensor2D, recurrent, false, true);
  }
  return tf.stack(result);
}

/** Swaps the second and the third of four gates along the last axis. */
function swapMiddle<T extends TF.Tensor>(tf: typeof TF, x: T): T {
  const [first, second, third, fourth] = tf.split(x, 4, -1);
  return tf.concat([first!, third!, second!, fourth!], -1) as T;
}
