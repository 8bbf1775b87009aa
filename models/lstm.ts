import type * as TF from '@tensorflow/tfjs-core';
import { z } from 'zod';
import type { NamedTensors, Ops } from '../contracts/engine.js';
import { ConfigError } from '../contracts/errors.js';
import type { Tensor } from '../contracts/matrix.js';
import type { ModelInput, SequenceBatch } from '../contracts/model.js';
import type { Random } from '../core/random.js';
import { networkModel, type RowReader } from './network.js';
import { headed, type States } from './network/classifier.js';
import { denseTensors, tensorNamed } from './network/dense.js';
import { glorotUniform, orthogonalRows, uniform } from './network/initialisers.js';
import { bucketLength, largest, tokenCounts, tokensOf } from './network/sequences.js';
import { trainingParams } from './network/trainingParams.js';

const LstmParams = z.strictObject({
  embedding: z.int().positive().default(128).describe('width of a token'),
  units: z.int().positive().default(128).describe('of every LSTM layer'),
  layers: z.int().positive().default(1).describe('LSTM layers, each fed the states of the one before'),
  dropout: z
    .number()
    .min(0)
    .lt(1)
    .default(0.2)
    .describe('on the inputs of every LSTM layer, and before softmax'),
  pooling: z
    .enum(['last', 'mean'])
    .default('last')
    .describe('state after the last token, or the mean of the states of all tokens'),
  ...trainingParams({
    C: 64,
    learningRate: 2e-3,
    batchSize: 64,
    epochs: 20,
    schedule: 'constant',
    warmup: 0,
    weightDecay: 0,
  }),
});
type LstmParams = z.infer<typeof LstmParams>;

const LstmSettings = z.object({
  vocabulary: z.int(),
  embedding: z.int(),
  units: z.int(),
  layers: z.int(),
  dropout: z.number(),
  pooling: z.enum(['last', 'mean']),
  outputs: z.int(),
});
type LstmSettings = z.infer<typeof LstmSettings>;

/** Embedding → LSTM with dropout → softmax over token ids. Padding changes nothing. */
export const lstm = networkModel<LstmParams, LstmSettings>({
  name: 'lstm',
  input: 'sequence',
  paramsSchema: LstmParams,
  strengths: [16, 256],
  sizes: { units: [64, 128, 256], layers: [1, 2] },
  settingsSchema: LstmSettings,
  settings: ({ embedding, units, layers, dropout, pooling }, input, outputs) => ({
    vocabulary: batchOf(input).vocabulary,
    embedding,
    units,
    layers,
    dropout,
    pooling,
    outputs,
  }),
  initial({ vocabulary, embedding, units, layers, outputs }, random) {
    const stack = Array.from({ length: layers }, (_, layer) =>
      layerTensors(layerName(layer), layer === 0 ? embedding : units, units, random),
    );
    return [
      uniform('embedding', [vocabulary, embedding], 0.05, random),
      ...stack.flat(),
      ...denseTensors(HEAD, units, outputs, random),
    ];
  },
  logits: (settings) => headed(states(settings), HEAD),
  lastLayer: (settings) => ({ states: states(settings), head: HEAD }),
  pieces: { table: 'embedding' },
  reader: (settings, input) => {
    const batch = batchOf(input);
    if (batch.vocabulary === settings.vocabulary) return reader(batch, settings.pooling);
    throw new ConfigError(
      `model lstm: expected a vocabulary of ${settings.vocabulary} tokens, got ${batch.vocabulary}`,
    );
  },
});

const layerName = (layer: number): string => `layers.${layer}`;

/** As Keras starts: kernel Glorot uniform, recurrent kernel orthogonal, bias 0, but 1 for the forget gate. */
function layerTensors(name: string, from: number, units: number, random: Random): Tensor[] {
  const kernel = new Float32Array((from + units) * 4 * units);
  kernel.set(glorotUniform('', [from, 4 * units], random).data);
  kernel.set(orthogonalRows(units, 4 * units, random), from * 4 * units);
  const bias = new Float32Array(4 * units).fill(1, units, 2 * units);
  return [
    { name: `${name}.kernel`, shape: [from + units, 4 * units], data: kernel },
    { name: `${name}.bias`, shape: [4 * units], data: bias },
  ];
}

const HEAD = 'head';

/** What the last layer is given, (b, u). */
function states({ layers, dropout, pooling }: LstmSettings): States {
  return (ops, parameters, inputs) => {
    const tokens = ops.tf.transpose(tensorNamed<TF.Tensor2D>(inputs, 'tokens')); // (T, b)
    let x = ops.embedding(tensorNamed(parameters, 'embedding'), tokens) as TF.Tensor3D; // (T, b, d)
    for (let layer = 0; layer < layers; layer++) {
      const kernel = tensorNamed<TF.Tensor2D>(parameters, `${layerName(layer)}.kernel`);
      const bias = tensorNamed<TF.Tensor1D>(parameters, `${layerName(layer)}.bias`);
      x = ops.lstm(ops.dropout(x, dropout), kernel, bias); // (T, b, u)
    }
    const pooled = pooling === 'last' ? lastState(ops, x, inputs) : meanState(ops, x, inputs); // (b, u)
    return ops.dropout(pooled, dropout);
  };
}

/** The state after each row's last token: (T, b, u) → (b, u). */
function lastState({ tf, embedding }: Ops, states: TF.Tensor3D, inputs: NamedTensors): TF.Tensor2D {
  const [steps, rows, units] = states.shape;
  const step = tensorNamed<TF.Tensor1D>(inputs, 'lastStep'); // (b,)
  const place = tf.add(tf.mul(step, tf.scalar(rows, 'int32')), tf.range(0, rows, 1, 'int32')); // (b,)
  return embedding(tf.reshape(states, [steps * rows, units]), place) as TF.Tensor2D;
}

/** The mean state over each row's tokens: (T, b, u) → (b, u). */
function meanState({ tf }: Ops, states: TF.Tensor3D, inputs: NamedTensors): TF.Tensor2D {
  const shares = tf.transpose(tensorNamed<TF.Tensor2D>(inputs, 'shares')); // (T, b)
  return tf.sum(tf.mul(states, tf.expandDims(shares, 2)), 0);
}

/** Tokens (b, T), and where their states are pooled: the step of the last one (b,), or each step's share (b, T). */
function reader(batch: SequenceBatch, pooling: LstmSettings['pooling']): RowReader {
  const counts = tokenCounts(batch);
  return {
    rows: batch.rows,
    size: (row) => counts[row]!,
    read(rows) {
      const length = bucketLength(largest(counts, rows), batch.length);
      const tokens = tokensOf(batch, rows, length);
      const own = rows.map((row) => Math.max(1, counts[row]!));
      if (pooling === 'last') {
        return { tokens, lastStep: { shape: [rows.length], data: own.map((count) => count - 1) } };
      }
      const data = new Float32Array(rows.length * length);
      own.forEach((count, i) => data.fill(1 / count, i * length, i * length + count));
      return { tokens, shares: { shape: [rows.length, length], data } };
    },
  };
}

function batchOf(input: ModelInput): SequenceBatch {
  if (input.kind === 'sequence') return input.batch;
  throw new ConfigError(`model lstm: expected sequences of tokens, got ${input.kind}; choose another model`);
}
