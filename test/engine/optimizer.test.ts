import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type * as TF from '@tensorflow/tfjs-core';
import type { Batches, Network, OptimizerSettings } from '../../contracts/engine.js';
import { learningRateAt } from '../../engine/schedule.js';
import { openEngine } from './engines.js';
import { adamw } from './toyNetworks.js';

const X = [
  [0.5, -1, 2],
  [1.5, 0.3, -0.7],
  [-0.2, 0.8, 1.1],
  [0.9, -0.4, 0.6],
];
const Y = [1, -2, 0.5, 3];
const STEPS = 30;

/** Least squares of X w + b to Y. */
const network: Network = {
  outputs: (ops, parameters, inputs) =>
    ops.tf.add(ops.tf.matMul(inputs['x'] as TF.Tensor2D, parameters['w'] as TF.Tensor2D), parameters['b']!),
  loss: (ops, parameters, inputs) => {
    const error = ops.tf.sub(network.outputs(ops, parameters, inputs), inputs['y']!);
    return ops.tf.mul(ops.tf.reshape<TF.Rank.R1>(ops.tf.square(error), [-1]), 0.5);
  },
  decays: (name) => name === 'w',
};

/** The whole set as the one batch, in whatever order the rows come. */
const batches: Batches = {
  rows: X.length,
  read: (rows) => ({
    x: { shape: [rows.length, 3], data: Float32Array.from([...rows].flatMap((row) => X[row]!)) },
    y: { shape: [rows.length, 1], data: Float32Array.from(rows, (row) => Y[row]!) },
  }),
};

/** The same in plain doubles: w (3,), then b. */
function reference(settings: OptimizerSettings, l2: number): number[] {
  const theta = [0.1, -0.2, 0.3, 0];
  const [m, v] = [
    [0, 0, 0, 0],
    [0, 0, 0, 0],
  ];
  for (let step = 0; step < STEPS; step++) {
    const gradient = [0, 0, 0, 0];
    X.forEach((x, i) => {
      const features = [...x, 1];
      const error = features.reduce((sum, value, k) => sum + value * theta[k]!, 0) - Y[i]!;
      features.forEach((value, k) => (gradient[k]! += (error * value) / X.length));
    });
    for (let k = 0; k < 3; k++) gradient[k]! += l2 * theta[k]!;
    const norm = Math.hypot(...gradient);
    const clip = settings.clipNorm === null ? 1 : Math.min(1, settings.clipNorm / norm);
    const rate = learningRateAt(step, STEPS, settings);
    gradient.forEach((slope, k) => {
      const g = slope * clip;
      if (k < 3) theta[k]! -= rate * settings.weightDecay * theta[k]!;
      if (settings.name === 'sgd') {
        m[k] = settings.momentum * m[k]! - rate * g;
        theta[k]! += m[k]!;
        return;
      }
      const { beta1, beta2, epsilon } = settings;
      m[k] = beta1 * m[k]! + (1 - beta1) * g;
      v[k] = beta2 * v[k]! + (1 - beta2) * g * g;
      const alpha = (rate * Math.sqrt(1 - beta2 ** (step + 1))) / (1 - beta1 ** (step + 1));
      theta[k]! -= (alpha * m[k]!) / (Math.sqrt(v[k]!) + epsilon);
    });
  }
  return theta;
}

const sgd: OptimizerSettings = { ...adamw, name: 'sgd', learningRate: 0.05, weightDecay: 0 };
const CASES: readonly { name: string; settings: OptimizerSettings; l2?: number }[] = [
  { name: 'AdamW', settings: { ...adamw, learningRate: 0.05 } },
  { name: 'AdamW with a large epsilon', settings: { ...adamw, epsilon: 0.1, learningRate: 0.05 } },
  { name: 'AdamW with a warm-up and a cosine', settings: { ...adamw, schedule: 'cosine', warmup: 0.2 } },
  { name: 'AdamW with clipping and L2', settings: { ...adamw, clipNorm: 0.3 }, l2: 0.1 },
  { name: 'SGD', settings: sgd },
  {
    name: 'SGD with momentum and a linear schedule',
    settings: { ...sgd, momentum: 0.9, schedule: 'linear' },
  },
  {
    name: 'SGD with weight decay and clipping',
    settings: { ...sgd, momentum: 0.5, weightDecay: 0.2, clipNorm: 1 },
  },
];

const ENGINES = [
  { name: 'native, traced', backend: 'native', trace: true },
  { name: 'native, eager', backend: 'native', trace: false },
  { name: 'wasm', backend: 'wasm', trace: false },
] as const;

for (const { name: engineName, backend, trace } of ENGINES) {
  describe(`optimizers on ${engineName}`, () => {
    for (const { name, settings, l2 = 0 } of CASES) {
      it(`${name}: the weights of ${STEPS} steps by hand, within 1e-5`, async (t) => {
        const engine = await openEngine(t, backend, { trace });
        if (!engine) return;
        const { parameters, traced } = await engine.train({
          network,
          parameters: [
            { name: 'w', shape: [3, 1], data: Float32Array.of(0.1, -0.2, 0.3) },
            { name: 'b', shape: [1], data: Float32Array.of(0) },
          ],
          batches,
          sampleWeights: new Float64Array(X.length).fill(1),
          batchSize: 4,
          epochs: STEPS,
          optimizer: settings,
          l2,
          seed: 1,
        });
        if (trace) assert.equal(traced, true);
        const got = parameters.flatMap(({ data }) => [...data]);
        reference(settings, l2).forEach((want, k) => {
          assert.ok(Math.abs(got[k]! - want) < 1e-5, `${got[k]} is not ${want}`);
        });
      });
    }
  });
}
