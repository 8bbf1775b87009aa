import type * as TF from '@tensorflow/tfjs-core';
import { FLOAT, INT32, Int64, type NativeOps } from './binding.js';
import type { BackendOps } from './sharedOps.js';
import { withGradient } from './withGradient.js';

/** Operations with kernels of TensorFlow's own that tfjs has no name for. */
export function nativeBackendOps(tf: typeof TF, native: NativeOps): BackendOps {
  return {
    lstm: (x, kernel, bias) => lstm(tf, native, x, kernel, bias),
    sparseCrossEntropy: (logits, labels) => sparseCrossEntropy(tf, native, logits, labels),
    gather: (table, ids) => gather(tf, native, table, ids),
    uniform: (shape, seed) =>
      native.one(
        'StatelessRandomUniform',
        [native.type('dtype', FLOAT), native.type('T', INT32), native.type('Tseed', INT32)],
        [tf.tensor1d(shape, 'int32'), seed],
      ),
  };
}

/** Rows of a table, without tfjs' look at every index (which a graph could not take). */
export function gather(tf: typeof TF, native: NativeOps, table: TF.Tensor, ids: TF.Tensor): TF.Tensor {
  const attributes = [
    native.int('batch_dims', 0),
    native.type('Tparams', FLOAT),
    native.type('Tindices', INT32),
    native.type('Taxis', INT32),
  ];
  return native.one('GatherV2', attributes, [table, ids, tf.scalar(0, 'int32')]);
}

/** BlockLSTMV2 runs all steps in one kernel, and its gradient in another. */
function lstm(
  tf: typeof TF,
  native: NativeOps,
  x: TF.Tensor3D,
  kernel: TF.Tensor2D,
  bias: TF.Tensor1D,
): TF.Tensor3D {
  const [steps, batch] = x.shape;
  const units = bias.shape[0] / 4;
  const attributes = [native.bool('use_peephole', false), native.type('T', FLOAT)];
  const length = new Int64(steps);
  const starts = (): TF.Tensor[] => [tf.zeros([batch, units]), tf.zeros([batch, units])];
  const forward = (x: TF.Tensor, kernel: TF.Tensor, bias: TF.Tensor) => {
    const none = tf.zeros([units]); // peepholes
    const outputs = native.run(
      'BlockLSTMV2',
      [native.float('cell_clip', 0), ...attributes],
      [length, x, ...starts(), kernel, none, none, none, bias],
      7,
    );
    return { value: outputs[6]!, saved: [x, kernel, bias, ...outputs] };
  };
  const backward = (dy: TF.Tensor, [x, kernel, bias, ...outputs]: TF.Tensor[]): TF.Tensor[] => {
    const none = tf.zeros([units]);
    const gradients = native.run(
      'BlockLSTMGradV2',
      attributes,
      [length, x!, ...starts(), kernel!, none, none, none, bias!, ...outputs, tf.zerosLike(dy), dy],
      8,
    );
    return [gradients[0]!, gradients[3]!, gradients[7]!];
  };
  return withGradient(tf, [x, kernel, bias], forward, backward);
}

function sparseCrossEntropy(
  tf: typeof TF,
  native: NativeOps,
  logits: TF.Tensor2D,
  labels: TF.Tensor1D,
): TF.Tensor1D {
  const forward = (logits: TF.Tensor) => {
    const attributes = [native.type('T', FLOAT), native.type('Tlabels', INT32)];
    const [loss, slope] = native.run('SparseSoftmaxCrossEntropyWithLogits', attributes, [logits, labels], 2);
    return { value: loss!, saved: [slope!] };
  };
  return withGradient(tf, [logits], forward, (dy, [slope]) => [tf.mul(slope!, tf.reshape(dy, [-1, 1]))]);
}
