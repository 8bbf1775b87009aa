import type * as TF from '@tensorflow/tfjs-core';
import { statelessUniform } from './philox.js';
import type { BackendOps } from './sharedOps.js';
import { withGradient } from './withGradient.js';

/** The same operations composed of tfjs' own, for a backend without fused kernels. */
export function plainBackendOps(tf: typeof TF): BackendOps {
  return {
    lstm: (x, kernel, bias) => lstm(tf, x, kernel, bias),
    sparseCrossEntropy: (logits, labels) => sparseCrossEntropy(tf, logits, labels),
    gather: (table, ids) => tf.gather(table, ids as TF.Tensor1D),
    uniform(shape, seed) {
      const [seed0, seed1] = seed.dataSync<'int32'>();
      const size = shape.reduce((product, n) => product * n, 1);
      return tf.tensor(statelessUniform(size, seed0!, seed1!), shape, 'float32');
    },
  };
}

function lstm(tf: typeof TF, x: TF.Tensor3D, kernel: TF.Tensor2D, bias: TF.Tensor1D): TF.Tensor3D {
  const [steps, batch, width] = x.shape;
  const units = bias.shape[0] / 4;
  const recurrent = tf.slice(kernel, [width, 0], [units, 4 * units]);
  const fromInput = tf.matMul(
    tf.reshape(x, [steps * batch, width]),
    tf.slice(kernel, [0, 0], [width, 4 * units]),
  );
  const gates = tf.unstack(tf.reshape(tf.add(fromInput, bias), [steps, batch, 4 * units]));
  let h: TF.Tensor2D = tf.zeros([batch, units]);
  let c: TF.Tensor2D = tf.zeros([batch, units]);
  const hidden = gates.map((gate) => {
    const [i, f, g, o] = tf.split(tf.add(gate, tf.matMul(h, recurrent)), 4, 1) as TF.Tensor2D[];
    c = tf.add(tf.mul(tf.sigmoid(f!), c), tf.mul(tf.sigmoid(i!), tf.tanh(g!)));
    h = tf.mul(tf.sigmoid(o!), tf.tanh(c));
    return h;
  });
  return tf.stack(hidden) as TF.Tensor3D;
}

function sparseCrossEntropy(tf: typeof TF, logits: TF.Tensor2D, labels: TF.Tensor1D): TF.Tensor1D {
  const forward = (logits: TF.Tensor) => {
    const centred = tf.sub(logits, tf.max(logits, -1, true));
    const total = tf.log(tf.sum(tf.exp(centred), -1, true)); // (b, 1)
    const logs = tf.sub(centred, total); // (b, K)
    const right = tf.oneHot(labels, logits.shape[1]!);
    return { value: tf.neg(tf.sum(tf.mul(logs, right), -1)), saved: [logs, right] };
  };
  const backward = (dy: TF.Tensor, [logs, right]: TF.Tensor[]): TF.Tensor[] => [
    tf.mul(tf.sub(tf.exp(logs!), right!), tf.reshape(dy, [-1, 1])),
  ];
  return withGradient(tf, [logits], forward, backward);
}
