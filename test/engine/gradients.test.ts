import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as tf from '@tensorflow/tfjs-core';
import { differences, gradientsOf, largestError, numbers, openBackend } from './backends.js';

type Case = readonly [string, (...inputs: tf.Tensor[]) => tf.Tensor, () => tf.Tensor[]];

const one = () => [numbers([2, 3], 1, 2)];
/** Away from 0, where some functions have no derivative. */
const positive = () => [tf.add(tf.abs(numbers([2, 3], 1)), 0.5)];
const pair = () => [numbers([2, 3], 1), tf.add(numbers([3], 2), 2)];

const CASES: readonly Case[] = [
  ['abs', (x) => tf.abs(x!), positive],
  ['add, broadcast', (a, b) => tf.add(a!, b!), pair],
  ['addN', (a, b) => tf.addN([a!, b!]), () => [numbers([4], 1), numbers([4], 2)]],
  ['cast', (x) => tf.cast(x!, 'float32'), one],
  ['broadcastTo', (x) => tf.broadcastTo(x!, [4, 2, 3]), one],
  ['concat', (a, b) => tf.concat([a!, b!], 1), () => [numbers([2, 3], 1), numbers([2, 1], 2)]],
  ['div, broadcast', (a, b) => tf.div(a!, b!), pair],
  ['erf', (x) => tf.erf(x!), one],
  ['exp', (x) => tf.exp(x!), one],
  ['expandDims', (x) => tf.expandDims(x!, 1), one],
  ['gather', (x) => tf.gather(x!, tf.tensor1d([1, 0, 1], 'int32')), one],
  ['log', (x) => tf.log(x!), positive],
  ['log1p', (x) => tf.log1p(x!), positive],
  ['logSoftmax', (x) => tf.logSoftmax(x!), one],
  ['max', (x) => tf.max(x!, 1), one],
  ['maximum', (a, b) => tf.maximum(a!, tf.sub(b!, 2)), pair],
  ['mean', (x) => tf.mean(x!, 0), one],
  ['minimum', (a, b) => tf.minimum(a!, tf.sub(b!, 2)), pair],
  ['mul, broadcast', (a, b) => tf.mul(a!, b!), pair],
  ['neg', (x) => tf.neg(x!), one],
  ['pad of a slice', (x) => tf.slice(x!, [0, 1], [2, -1]), one],
  ['relu', (x) => tf.relu(x!), positive],
  ['reshape', (x) => tf.reshape(x!, [3, 2]), one],
  ['rsqrt', (x) => tf.rsqrt(x!), positive],
  ['sigmoid', (x) => tf.sigmoid(x!), one],
  ['softmax', (x) => tf.softmax(x!), one],
  ['softplus', (x) => tf.softplus(x!), one],
  ['split', (x) => tf.mul(tf.split(x!, [1, 2], 1)[1]!, 3), one],
  ['sqrt', (x) => tf.sqrt(x!), positive],
  ['square', (x) => tf.square(x!), one],
  ['squaredDifference', (a, b) => tf.squaredDifference(a!, b!), pair],
  ['stack', (a, b) => tf.stack([a!, b!], 1), () => [numbers([3], 1), numbers([3], 2)]],
  ['sub, broadcast', (a, b) => tf.sub(a!, b!), pair],
  ['sum with kept axes', (x) => tf.sum(x!, 1, true), one],
  ['tanh', (x) => tf.tanh(x!), one],
  ['tile', (x) => tf.tile(x!, [2, 3]), one],
  ['transpose', (x) => tf.transpose(x!, [2, 0, 1]), () => [numbers([2, 3, 2], 1)]],
  ['unstack', (x) => tf.mul(tf.unstack(x!)[1]!, 2), one],
  [
    'where',
    (a, b) => tf.where(tf.greater(a!, 0), a!, tf.mul(b!, 2)),
    () => [numbers([5], 1), numbers([5], 2)],
  ],
  ...[false, true].flatMap((left) =>
    [false, true].map((right): Case => [
      `matMul${left ? ', first transposed' : ''}${right ? ', second transposed' : ''}`,
      (a, b) => tf.matMul(a!, b!, left, right),
      () => [numbers(left ? [3, 2] : [2, 3], 1), numbers(right ? [4, 3] : [3, 4], 2)],
    ]),
  ),
];

for (const backend of ['native', 'wasm'] as const) {
  describe(`gradients on ${backend}`, () => {
    for (const [name, f, inputs] of CASES) {
      it(`${name}: the rule agrees with finite differences`, async (t) => {
        if (!(await openBackend(t, backend))) return;
        tf.tidy(() => {
          const own = inputs();
          assert.ok(largestError(gradientsOf(f, own), differences(f, own)) < 5e-3);
        });
      });
    }
  });
}
