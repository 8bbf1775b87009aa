import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type * as TF from '@tensorflow/tfjs-core';
import { largestError, numbers, openBackend, project } from './backends.js';

const [STEPS, BATCH, WIDTH, UNITS] = [7, 4, 5, 8];

for (const name of ['native', 'wasm'] as const) {
  describe(`lstm of ${name}`, () => {
    it('gives the states and the gradients of tf.layers.lstm', async (t) => {
      const backend = await openBackend(t, name);
      if (!backend) return;
      const layers = await import('@tensorflow/tfjs');
      const { tf } = backend;
      // tfjs takes hardSigmoid by default; Keras and TensorFlow do not.
      const layer = layers.layers.lstm({
        units: UNITS,
        recurrentActivation: 'sigmoid',
        returnSequences: true,
      });
      tf.tidy(() => {
        const x = numbers([STEPS, BATCH, WIDTH], 1);
        const rowsFirst = (states: TF.Tensor): TF.Tensor => tf.transpose(states, [1, 0, 2]);
        layer.apply(rowsFirst(x));
        const [kernel, recurrent, bias] = layer.getWeights() as [TF.Tensor2D, TF.Tensor2D, TF.Tensor1D];
        const ops = backend.ops(true, tf.tensor1d([0, 0], 'int32'));
        const own = (x: TF.Tensor, kernel: TF.Tensor, recurrent: TF.Tensor, bias: TF.Tensor): TF.Tensor =>
          rowsFirst(
            ops.lstm(x as TF.Tensor3D, tf.concat([kernel, recurrent]) as TF.Tensor2D, bias as TF.Tensor1D),
          );
        const theirs = (x: TF.Tensor): TF.Tensor => layer.apply(rowsFirst(x)) as TF.Tensor;
        const values = (tensors: readonly TF.Tensor[]): number[][] =>
          tensors.map((one) => [...one.dataSync()]);
        const states = own(x, kernel, recurrent, bias);
        assert.ok(largestError(values([states]), values([theirs(x)])) < 1e-6);
        const gradients = tf.grads((x, k, r, b) => project(own(x!, k!, r!, b!)))([
          x,
          kernel,
          recurrent,
          bias,
        ]);
        const ofWeights = tf.variableGrads(
          () => project(theirs(x)),
          layer.trainableWeights.map((weight) => weight.read() as TF.Variable),
        );
        const ofInput = tf.grad((x) => project(theirs(x)))(x);
        const want = [ofInput, ...Object.values(ofWeights.grads)];
        assert.ok(largestError(values(gradients), values(want)) < 1e-5);
      });
    });
  });
}
