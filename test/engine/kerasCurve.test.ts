import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type * as TF from '@tensorflow/tfjs-core';
import type { Network } from '../../contracts/engine.js';
import { repositoryRoot } from '../paths.js';
import { openEngine } from './engines.js';
import { adamw } from './toyNetworks.js';

interface Curve {
  readonly parameters: Record<string, { shape: number[]; data: number[] }>;
  readonly tokens: number[][][]; // (steps, b, T)
  readonly labels: number[][];
  readonly losses: number[];
}

const curve = JSON.parse(
  readFileSync(join(repositoryRoot, 'test/fixtures/engine/kerasCurve.json'), 'utf8'),
) as Curve;

/** Embedding → LSTM → dense, as the script beside the fixture has it in Keras. */
const network: Network = {
  outputs: (ops, parameters, inputs) => {
    const { tf } = ops;
    const named = parameters as Record<string, never>;
    const x = ops.embedding(named['embedding']!, tf.transpose(inputs['tokens']!)) as TF.Tensor3D;
    const states = ops.lstm(x, named['kernel']!, named['bias']!); // (T, b, u)
    const [steps, rows, units] = states.shape;
    const last = tf.reshape(tf.slice(states, [steps - 1, 0, 0], [1, rows, units]), [rows, units]);
    return tf.add(tf.matMul(last as TF.Tensor2D, named['head']!), named['headBias']!);
  },
  loss: (ops, parameters, inputs) =>
    ops.sparseCrossEntropy(network.outputs(ops, parameters, inputs), inputs['labels'] as TF.Tensor1D),
  decays: (name) => !/bias/i.test(name),
};

describe('loss curve', () => {
  for (const [backend, trace] of [
    ['native', true],
    ['native', false],
    ['wasm', false],
  ] as const) {
    it(`${backend}${trace ? ', traced' : ''}: from Keras' weights, on its batches, its losses within 1e-4 over 50 steps`, async (t) => {
      const engine = await openEngine(t, backend, { trace });
      if (!engine) return;
      const losses: number[] = [];
      let step = 0;
      const [rows, length] = [curve.labels[0]!.length, curve.tokens[0]![0]!.length];
      await engine.train({
        network,
        parameters: Object.entries(curve.parameters).map(([name, { shape, data }]) => ({
          name,
          shape,
          data: Float32Array.from(data),
        })),
        batches: {
          rows,
          read: () => ({
            tokens: { shape: [rows, length], data: Int32Array.from(curve.tokens[step]!.flat()) },
            labels: { shape: [rows], data: Int32Array.from(curve.labels[step++]!) },
          }),
        },
        sampleWeights: new Float64Array(rows).fill(1),
        batchSize: rows,
        epochs: curve.losses.length,
        optimizer: { ...adamw, learningRate: 1e-2, weightDecay: 1e-2, clipNorm: 0.5 },
        l2: 0,
        seed: 1,
        sinks: { progress: ({ figures }) => void losses.push(Number(figures!['loss'])) },
      });
      assert.equal(losses.length, curve.losses.length);
      const worst = Math.max(...losses.map((loss, i) => Math.abs(loss - curve.losses[i]!)));
      t.diagnostic(`largest difference ${worst.toExponential(1)}`);
      assert.ok(worst < 1e-4);
    });
  }
});
