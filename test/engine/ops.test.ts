import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type * as TF from '@tensorflow/tfjs-core';
import type { Ops } from '../../contracts/engine.js';
import { differences, gradientsOf, largestError, numbers, openBackend } from './backends.js';

interface Case {
  readonly name: string;
  readonly of: (ops: Ops, inputs: TF.Tensor[]) => TF.Tensor;
  /** The same without fused kernels and without gradients of our own. */
  readonly plain: (tf: typeof TF, inputs: TF.Tensor[]) => TF.Tensor;
  readonly inputs: () => TF.Tensor[];
}

const LABELS = [2, 0, 1, 1];
const IDS = [3, 1, 3, 0, 4, 3];

const CASES: readonly Case[] = [
  {
    name: 'lstm',
    inputs: () => [numbers([3, 2, 4], 1), numbers([7, 12], 2, 0.6), numbers([12], 3, 0.3)],
    of: (ops, [x, kernel, bias]) => ops.lstm(x as TF.Tensor3D, kernel as TF.Tensor2D, bias as TF.Tensor1D),
    plain: plainLstm,
  },
  {
    name: 'sparse cross entropy',
    inputs: () => [numbers([4, 3], 1, 2)],
    of: (ops, [logits]) => ops.sparseCrossEntropy(logits as TF.Tensor2D, ops.tf.tensor1d(LABELS, 'int32')),
    plain: (tf, [logits]) =>
      tf.neg(tf.sum(tf.mul(tf.logSoftmax(logits!), tf.oneHot(tf.tensor1d(LABELS, 'int32'), 3)), 1)),
  },
  {
    name: 'LayerNorm',
    inputs: () => [numbers([2, 3, 5], 1), numbers([5], 2), numbers([5], 3)],
    of: (ops, [x, gamma, beta]) => ops.layerNorm(x!, gamma as TF.Tensor1D, beta as TF.Tensor1D, 1e-3),
    plain: (tf, [x, gamma, beta]) => {
      const mean = tf.mean(x!, -1, true);
      const variance = tf.mean(tf.square(tf.sub(x!, mean)), -1, true);
      const unit = tf.div(tf.sub(x!, mean), tf.sqrt(tf.add(variance, 1e-3)));
      return tf.add(tf.mul(unit, gamma!), beta!);
    },
  },
  {
    name: 'GELU (erf)',
    inputs: () => [numbers([3, 4], 1, 3)],
    of: (ops, [x]) => ops.gelu(x!, 'erf'),
    plain: (tf, [x]) => tf.mul(tf.mul(x!, 0.5), tf.add(tf.erf(tf.mul(x!, Math.SQRT1_2)), 1)),
  },
  {
    name: 'GELU (tanh)',
    inputs: () => [numbers([3, 4], 1, 3)],
    of: (ops, [x]) => ops.gelu(x!, 'tanh'),
    plain: (tf, [x]) => {
      const inner = tf.mul(tf.add(x!, tf.mul(tf.mul(tf.square(x!), x!), 0.044715)), Math.sqrt(2 / Math.PI));
      return tf.mul(tf.mul(x!, 0.5), tf.add(tf.tanh(inner), 1));
    },
  },
  {
    name: 'embedding with ids that occur twice',
    inputs: () => [numbers([5, 3], 1)],
    of: (ops, [table]) => ops.embedding(table as TF.Tensor2D, ops.tf.tensor2d(IDS, [2, 3], 'int32')),
    plain: (tf, [table]) => {
      const chosen = tf.oneHot(tf.tensor1d(IDS, 'int32'), 5);
      return tf.reshape(
        tf.matMul(tf.cast(chosen, 'float32') as TF.Tensor2D, table as TF.Tensor2D),
        [2, 3, 3],
      );
    },
  },
  {
    name: 'dropout with a fixed seed',
    inputs: () => [numbers([6, 7], 1)],
    of: (ops, [x]) => ops.dropout(x!, 0.4),
    plain: (tf, [x]) => {
      // Of 0.6 and more, kept: the uniform numbers of the seed (3, 5), from TensorFlow's StatelessRandomUniform.
      const kept = tf.tensor(KEPT, [6, 7]);
      return tf.div(tf.mul(x!, kept), 0.6);
    },
  },
];

const KEPT: number[] = [];

function plainLstm(tf: typeof TF, [x, kernel, bias]: TF.Tensor[]): TF.Tensor {
  let h = tf.zeros([2, 3]) as TF.Tensor2D;
  let c = tf.zeros([2, 3]);
  const steps = tf.unstack(x!).map((input) => {
    const gates = tf.add(tf.matMul(tf.concat([input as TF.Tensor2D, h], 1), kernel as TF.Tensor2D), bias!);
    const [i, f, g, o] = tf.split(gates, 4, 1);
    c = tf.add(tf.mul(tf.sigmoid(f!), c), tf.mul(tf.sigmoid(i!), tf.tanh(g!)));
    h = tf.mul(tf.sigmoid(o!), tf.tanh(c));
    return h;
  });
  return tf.stack(steps);
}

for (const name of ['native', 'wasm'] as const) {
  describe(`operations of ${name}`, () => {
    for (const { name: operation, of, plain, inputs } of CASES) {
      it(`${operation}: value and gradient are those of plain operations and of finite differences`, async (t) => {
        const backend = await openBackend(t, name);
        if (!backend) return;
        const { tf } = backend;
        tf.tidy(() => {
          const f = (...all: TF.Tensor[]): TF.Tensor =>
            of(backend.ops(true, tf.tensor1d([3, 5], 'int32')), all);
          if (operation.startsWith('dropout')) {
            const ones = f(tf.ones([6, 7])).dataSync();
            KEPT.splice(0, KEPT.length, ...[...ones].map((value) => (value > 0 ? 1 : 0)));
            const share = KEPT.reduce((sum, kept) => sum + kept, 0) / KEPT.length;
            assert.ok(share > 0.4 && share < 0.8, `kept ${share}, expected about 0.6`);
          }
          const own = inputs();
          const reference = (...all: TF.Tensor[]): TF.Tensor => plain(tf, all);
          const values = [[...f(...own).dataSync()]];
          assert.ok(largestError(values, [[...reference(...own).dataSync()]]) < 2e-6);
          const gradients = gradientsOf(f, own);
          assert.ok(largestError(gradients, gradientsOf(reference, own)) < 1e-5);
          assert.ok(largestError(gradients, differences(f, own)) < 5e-3);
        });
      });
    }

    it('dropout is the identity when predicting, and differs from call to call and from seed to seed', async (t) => {
      const backend = await openBackend(t, name);
      if (!backend) return;
      const { tf } = backend;
      tf.tidy(() => {
        const x = tf.ones([50]);
        const seed = (second: number): TF.Tensor1D => tf.tensor1d([-3, second], 'int32');
        assert.deepEqual(backend.ops(false, seed(1)).dropout(x, 0.5).dataSync(), x.dataSync());
        const ops = backend.ops(true, seed(1));
        const [first, second] = [ops.dropout(x, 0.5).dataSync(), ops.dropout(x, 0.5).dataSync()];
        assert.notDeepEqual(first, second);
        assert.deepEqual(backend.ops(true, seed(1)).dropout(x, 0.5).dataSync(), first);
        assert.notDeepEqual(backend.ops(true, seed(9)).dropout(x, 0.5).dataSync(), first);
      });
    });
  });
}
