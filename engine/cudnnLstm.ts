import type * as TF from '@tensorflow/tfjs-core';
import { FLOAT, INT32, INT8, type Attribute, type NativeOps } from './binding.js';
import { withGradient } from './withGradient.js';

/**
 * LSTM by cuDNN, which runs all steps in a few kernels; on a GPU every small operation costs its launch.
 *
 * @source https://docs.nvidia.com/deeplearning/cudnn, "cudnnRNNForward"
 */
export function cudnnLstm(
  tf: typeof TF,
  native: NativeOps,
  x: TF.Tensor3D,
  kernel: TF.Tensor2D,
  bias: TF.Tensor1D,
): TF.Tensor3D {
  const [steps, batch, width] = x.shape;
  const units = bias.shape[0] / 4;
  const start = (): TF.Tensor => tf.zeros([1, batch, units]);
  const lengths = (): TF.Tensor => tf.fill([batch], steps, 'int32');
  const forward = (x: TF.Tensor, kernel: TF.Tensor, bias: TF.Tensor) => {
    const weights = packWeights(tf, kernel as TF.Tensor2D, bias as TF.Tensor1D);
    const [h, lastH, lastC, reserve] = native.run(
      'CudnnRNNV3',
      [...attributesOf(native), native.bool('is_training', true)],
      [x, start(), start(), weights, lengths()],
      5,
    );
    return { value: h!, saved: [x, weights, h!, lastH!, lastC!, reserve!] };
  };
  const backward = (dh: TF.Tensor, [x, weights, h, lastH, lastC, reserve]: TF.Tensor[]): TF.Tensor[] => {
    const states = [start(), start(), weights!, lengths(), h!, lastH!, lastC!, dh, start(), start()];
    const [dx, , , dWeights] = native.run(
      'CudnnRNNBackpropV3',
      attributesOf(native),
      [x!, ...states, reserve!, notRead(tf, native)],
      4,
    );
    return [dx!, ...unpackWeights(tf, dWeights as TF.Tensor1D, width, units)];
  };
  return withGradient(tf, [x, kernel, bias], forward, backward);
}

const attributesOf = (native: NativeOps): Attribute[] => [
  native.type('T', FLOAT),
  native.string('rnn_mode', 'lstm'),
  native.bool('time_major', true),
];

/** The choice of an algorithm, which this version of the operation does not make. */
const notRead = (tf: typeof TF, native: NativeOps): TF.Tensor =>
  native.one('Cast', [native.type('SrcT', INT32), native.type('DstT', INT8)], [tf.scalar(0, 'int32')]);

/**
 * A kernel (in + u, 4u) and a bias (4u,) as cuDNN wants them: the transposed matrices of the input, those of the state,
 * each gate after gate, a bias for the one (ours) and one for the other (zeros).
 */
export function packWeights(tf: typeof TF, kernel: TF.Tensor2D, bias: TF.Tensor1D): TF.Tensor1D {
  const units = bias.shape[0] / 4;
  const width = kernel.shape[0] - units;
  const turned = (from: number, rows: number): TF.Tensor1D =>
    tf.reshape(tf.transpose(tf.slice(kernel, [from, 0], [rows, 4 * units])), [-1]);
  return tf.concat([turned(0, width), turned(width, units), bias, tf.zeros([4 * units])]);
}

/** The way back, of gradients: kernel (in + u, 4u), bias (4u,). */
export function unpackWeights(
  tf: typeof TF,
  packed: TF.Tensor1D,
  width: number,
  units: number,
): [TF.Tensor2D, TF.Tensor1D] {
  const gates = 4 * units;
  const turned = (from: number, rows: number): TF.Tensor2D =>
    tf.transpose(tf.reshape<TF.Rank.R2>(tf.slice(packed, from, gates * rows), [gates, rows]));
  return [
    tf.concat([turned(0, width), turned(gates * width, units)]),
    tf.slice(packed, gates * (width + units), gates),
  ];
}
