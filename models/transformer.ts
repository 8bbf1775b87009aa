import type * as TF from '@tensorflow/tfjs-core';
import { z } from 'zod';
import type { NamedTensors, Ops } from '../contracts/engine.js';
import { StoreError } from '../contracts/errors.js';
import type { Tensor } from '../contracts/matrix.js';
import { networkModel } from './network.js';
import { headed, type States } from './network/classifier.js';
import { dense, tensorNamed } from './network/dense.js';
import { readSettings } from './network/settings.js';
import { trainingParams } from './network/trainingParams.js';
import { encode } from './transformer/encoder.js';
import { encoderTensors, projectionTensors } from './transformer/parameters.js';
import { sequenceReader, vocabularyOf } from './transformer/sequenceReader.js';
import { encoderOf, encoderParams, EncoderSettings } from './transformer/settings.js';

const Pooling = z.enum(['cls', 'mean']);

const TransformerParams = z.strictObject({
  ...encoderParams,
  pooling: Pooling.default('mean').describe(
    "the mean over the tokens, or cls: the first token's state through a tanh layer, as BERT has it",
  ),
  ...trainingParams({
    C: 256,
    learningRate: 2e-4,
    batchSize: 32,
    epochs: 10,
    schedule: 'linear',
    warmup: 0.1,
    weightDecay: 0.01,
  }),
});
type TransformerParams = z.infer<typeof TransformerParams>;

/** A classifier's encoder, and what stands on it. */
export const TransformerSettings = EncoderSettings.extend({ pooling: Pooling, outputs: z.int().positive() });
export type TransformerSettings = z.infer<typeof TransformerSettings>;

/**
 * BERT-like encoder → softmax, over token ids or pairs of texts; from nothing, or from a pretrained encoder, whose
 * head, where it has one of the same shape, is kept too.
 */
export const transformer = networkModel<TransformerParams, TransformerSettings>({
  name: 'transformer',
  input: 'sequence',
  tokenizer: 'wordpiece',
  paramsSchema: TransformerParams,
  strengths: [64, 1024],
  sizes: {}, // pretrained encoders bring their own
  settingsSchema: TransformerSettings,
  settings(params, input, outputs, pretrained) {
    const encoder = pretrained
      ? { ...readSettings('transformer', EncoderSettings, pretrained), dropout: params.dropout }
      : encoderOf(params, vocabularyOf(input));
    return { ...encoder, pooling: params.pooling, outputs };
  },
  initial(settings, random, pretrained) {
    const { width, pooling, outputs } = settings;
    const encoder = encoderTensors(settings, random);
    const head = [
      ...(pooling === 'cls' ? projectionTensors('pooler', width, width, random) : []),
      ...projectionTensors(HEAD, width, outputs, random),
    ];
    if (!pretrained) return [...encoder, ...head];
    return [...adopted(encoder, pretrained, true), ...adopted(head, pretrained, false)];
  },
  logits: (settings) => headed(states(settings), HEAD),
  lastLayer: (settings) => ({ states: states(settings), head: HEAD }),
  pieces: { table: 'embeddings.tokens' },
  reader: sequenceReader,
});

/** The given tensors in place of fresh ones. @throws StoreError where a needed one is missing or of another shape */
const adopted = (fresh: readonly Tensor[], given: readonly Tensor[], needed: boolean): Tensor[] =>
  fresh.map((one) => {
    const held = given.find(({ name }) => name === one.name);
    if (held?.shape.join() === one.shape.join()) return held;
    if (!needed) return one;
    const found = held ? `(${held.shape.join(', ')})` : 'none';
    throw new StoreError(
      `model transformer: expected a pretrained ${one.name} (${one.shape.join(', ')}), got ${found}`,
    );
  });

const HEAD = 'head';

/** What the last layer is given, (b, d). */
function states(settings: TransformerSettings): States {
  return (ops, parameters, inputs) => {
    const encoded = encode(settings, ops, parameters, inputs).at(-1)!; // (b·L, d)
    const pooled =
      settings.pooling === 'cls'
        ? firstState(ops, encoded, parameters, inputs)
        : meanState(ops, encoded, inputs);
    return ops.dropout(pooled, settings.dropout);
  };
}

/** The first token's state through the pooler: (b·L, d) → (b, d). */
function firstState(
  ops: Ops,
  states: TF.Tensor2D,
  parameters: NamedTensors,
  inputs: NamedTensors,
): TF.Tensor2D {
  const { tf } = ops;
  const [rows, length] = tensorNamed<TF.Tensor2D>(inputs, 'tokens').shape;
  const first = ops.embedding(states, tf.range(0, rows * length, length, 'int32')) as TF.Tensor2D;
  return tf.tanh(dense(ops, first, parameters, 'pooler'));
}

/** The mean state over each row's tokens: (b·L, d) → (b, d). */
function meanState({ tf }: Ops, states: TF.Tensor2D, inputs: NamedTensors): TF.Tensor2D {
  const mask = tensorNamed<TF.Tensor2D>(inputs, 'mask'); // (b, L)
  const [rows, length] = mask.shape;
  const counts = tf.maximum(tf.sum(mask, 1, true), 1); // (b, 1)
  const shares = tf.expandDims(tf.div(mask, counts), 1); // (b, 1, L)
  return tf.squeeze(tf.matMul(shares, tf.reshape(states, [rows, length, -1])), [1]);
}
