import type * as TF from '@tensorflow/tfjs-core';
import { FLOAT, INT32, type NativeOps } from './binding.js';
import { blockLstm } from './blockLstm.js';
import { cudnnLstm } from './cudnnLstm.js';
import { plainBackendOps } from './plainOps.js';
import type { BackendOps } from './sharedOps.js';
import { withGradient } from './withGradient.js';

/** Operations with kernels of TensorFlow's own that tfjs has no name for. */
export function nativeBackendOps(tf: typeof TF, native: NativeOps): BackendOps {
  return {
    lstm: (x, kernel, bias) => blockLstm(tf, native, x, kernel, bias),
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

/**
 * The same on a GPU: LSTM by cuDNN, and no SparseSoftmaxCrossEntropyWithLogits, whose kernel there adds up in any order
 * and refuses to run where results have to be reproducible.
 */
export function gpuBackendOps(tf: typeof TF, native: NativeOps): BackendOps {
  return {
    ...nativeBackendOps(tf, native),
    lstm: (x, kernel, bias) => cudnnLstm(tf, native, x, kernel, bias),
    sparseCrossEntropy: plainBackendOps(tf).sparseCrossEntropy,
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
