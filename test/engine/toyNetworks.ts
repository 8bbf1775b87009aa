import type * as TF from '@tensorflow/tfjs-core';
import type { Batches, Network, OptimizerSettings, TrainRequest } from '../../contracts/engine.js';
import type { Tensor } from '../../contracts/matrix.js';
import { seeded } from '../../core/random.js';

const VOCABULARY = 12;
const WIDTH = 5;
const UNITS = 4;
const STEPS = 6;
const CLASSES = 3;

const tensor = (name: string, shape: number[], spread = 0.5): Tensor => {
  const random = seeded(1, name);
  const size = shape.reduce((product, n) => product * n, 1);
  return { name, shape, data: Float32Array.from({ length: size }, () => spread * random.normal()) };
};

/** Parameters of {@link toyLstm}. */
export const toyParameters = (): Tensor[] => [
  tensor('table', [VOCABULARY, WIDTH]),
  tensor('kernel', [WIDTH + UNITS, 4 * UNITS]),
  tensor('bias', [4 * UNITS], 0),
  tensor('gamma', [UNITS], 1),
  tensor('beta', [UNITS], 0),
  tensor('head', [UNITS, CLASSES]),
];

/** Every operation in a few numbers: embedding, dropout, LSTM, LayerNorm, GELU, cross entropy. */
export const toyLstm = (dropout = 0): Network => {
  const outputs: Network['outputs'] = (ops, parameters, inputs) => {
    const named = parameters as Record<string, never>;
    const { tf } = ops;
    const x = ops.embedding(named['table']!, tf.transpose(inputs['tokens']!)) as TF.Tensor3D;
    const h = ops.lstm(ops.dropout(x, dropout), named['kernel']!, named['bias']!);
    const last = tf.reshape(tf.slice(h, [h.shape[0] - 1, 0, 0], [1, -1, -1]), [-1, UNITS]);
    const normal = ops.layerNorm(last, named['gamma']!, named['beta']!, 1e-6);
    return tf.matMul(ops.gelu(normal, 'erf'), named['head']!);
  };
  return {
    outputs,
    loss: (ops, parameters, inputs) =>
      ops.sparseCrossEntropy(outputs(ops, parameters, inputs), inputs['labels'] as TF.Tensor1D),
    decays: (name) => !['bias', 'gamma', 'beta'].includes(name),
  };
};

/** Random sequences; the class is the first token modulo 3. */
export function toyBatches(rows: number, chosen?: readonly number[]): Batches & { labels: Int32Array } {
  const random = seeded(7, 'toy');
  const all = Int32Array.from({ length: rows * STEPS }, () => random.below(VOCABULARY));
  const own = chosen ?? [...Array(rows).keys()];
  const labels = Int32Array.from(own, (row) => all[row * STEPS]! % CLASSES);
  return {
    rows: own.length,
    labels,
    read(wanted) {
      const tokens = Int32Array.from(
        [...wanted].flatMap((at) => [...all.subarray(own[at]! * STEPS, (own[at]! + 1) * STEPS)]),
      );
      return {
        tokens: { shape: [wanted.length, STEPS], data: tokens },
        labels: { shape: [wanted.length], data: wanted.map((at) => labels[at]!) },
      };
    },
  };
}

export const adamw: OptimizerSettings = {
  name: 'adamw',
  learningRate: 0.01,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-7,
  weightDecay: 0.01,
  momentum: 0,
  clipNorm: null,
  schedule: 'constant',
  warmup: 0,
};

/** A short training of {@link toyLstm}. */
export function toyRequest(changes: Partial<TrainRequest> = {}): TrainRequest {
  const batches = changes.batches ?? toyBatches(40);
  return {
    network: toyLstm(0.3),
    parameters: toyParameters(),
    batches,
    sampleWeights: new Float64Array(batches.rows).fill(1),
    batchSize: 8,
    epochs: 3,
    optimizer: adamw,
    l2: 0.001,
    seed: 5,
    ...changes,
  };
}

/** The largest difference between arrays of two lists. */
export function largestDifference(a: readonly Tensor[], b: readonly Tensor[]): number {
  let largest = 0;
  a.forEach(({ name, data }, i) => {
    if (b[i]!.name !== name) throw new RangeError(`expected ${name}, got ${b[i]!.name}`);
    data.forEach((value, k) => (largest = Math.max(largest, Math.abs(value - b[i]!.data[k]!))));
  });
  return largest;
}
