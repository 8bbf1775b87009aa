import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { statelessUniform } from '../../engine/philox.js';
import { openBackend } from './backends.js';
import { nativeBackendOps } from '../../engine/nativeOps.js';
import { NativeOps, type NativeBackend } from '../../engine/binding.js';

describe('stateless uniform numbers', () => {
  it('are the bits of TensorFlow 2.21', () => {
    // tf.random.stateless_uniform([10], seed=[7, 9])
    const want = [
      0.678327202796936, 0.666729211807251, 0.5541903972625732, 0.4776461124420166, 0.8949087858200073,
      0.9548488855381938, 0.05918073654174805, 0.9936193227767944, 0.38882625102996826, 0.7334738969802856,
    ];
    assert.deepEqual([...statelessUniform(10, 7, 9)], [...Float32Array.from(want)]);
  });

  for (const seed of [
    [0, 0],
    [-1, 5],
    [2 ** 31 - 1, -(2 ** 31)],
  ] as const) {
    it(`are those of this machine's TensorFlow for the seed ${seed.join(', ')}`, async (t) => {
      const backend = await openBackend(t, 'native');
      if (!backend) return;
      const { tf } = backend;
      const own = nativeBackendOps(tf, new NativeOps(tf.backend() as NativeBackend));
      const got = tf.tidy(() => own.uniform([3, 333], tf.tensor1d([...seed], 'int32')).dataSync());
      assert.deepEqual(got, statelessUniform(999, seed[0], seed[1]));
    });
  }

  it('lie in [0, 1) with mean one half', () => {
    const values = statelessUniform(10_001, 1, 2);
    assert.ok(values.every((value) => value >= 0 && value < 1));
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    assert.ok(Math.abs(mean - 0.5) < 4 * Math.sqrt(1 / 12 / values.length));
  });
});
