import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { z } from 'zod';
import type { Batches, Engine, HostTensor, Network } from '../../contracts/engine.js';
import type { Tensor } from '../../contracts/matrix.js';
import { logProbabilityOf } from '../../core/probability.js';
import { encoderOfBert } from '../../models/bert/config.js';
import { importBert } from '../../models/bert/importBert.js';
import { lstm } from '../../models/lstm.js';
import { maskedLanguageModel } from '../../models/maskedLanguage.js';
import { parametersOf, settingsTensor } from '../../models/network/settings.js';
import { transformer } from '../../models/transformer.js';
import { encode } from '../../models/transformer/encoder.js';
import { readFixture } from '../readFixture.js';
import { checkpoint, expected, largestDifference } from './bert/fixture.js';
import { engines } from './engines.js';

const TOLERANCE = 1e-4; // of hidden states and logits, float32

const Keras = z.object({
  tokens: z.array(z.number()),
  length: z.number(),
  vocabulary: z.number(),
  embedding: z.number(),
  units: z.number(),
  outputs: z.number(),
  cases: z.array(
    z.object({
      layers: z.number(),
      pooling: z.enum(['last', 'mean']),
      tensors: z.array(z.object({ name: z.string(), shape: z.array(z.number()), data: z.array(z.number()) })),
      logits: z.array(z.number()),
    }),
  ),
});

const encoder = encoderOfBert(checkpoint.config);
const imported = importBert(checkpoint.config, checkpoint.tensors);
const [ROWS, LENGTH, WIDTH, VOCABULARY] = [3, 12, 32, 57];
const tokens = expected('tokens').data as Int32Array;
const host = (data: Float32Array | Int32Array): HostTensor => ({ shape: [ROWS, LENGTH], data });
const bertInputs = {
  tokens: host(tokens),
  segments: host(expected('segments').data as Int32Array),
  mask: host(Float32Array.from(tokens, (token) => Number(token !== 0))),
};
const whole = (inputs: Readonly<Record<string, HostTensor>>): Batches => ({ rows: ROWS, read: () => inputs });

for (const { name: engineName, open, skip } of engines) {
  describe(`on ${engineName}`, { skip }, () => {
    let engine: Engine;
    before(async () => (engine = await open()));

    const keras = readFixture('lstm/keras', Keras);
    for (const { layers, pooling, tensors, logits } of keras.cases) {
      it(`${layers} LSTM layer(s) with pooling ${pooling} give Keras’ logits`, () => {
        const { vocabulary, embedding, units, outputs, length } = keras;
        const settings = { vocabulary, embedding, units, layers, dropout: 0.2, pooling, outputs };
        const weights = tensors.map((one): Tensor => ({ ...one, data: Float32Array.from(one.data) }));
        const model = lstm.load([...weights, settingsTensor(settings)], engine);
        const batch = { rows: 5, length, vocabulary, tokens: Int32Array.from(keras.tokens) };
        assert.ok(largestDifference(model.predictLogits({ kind: 'sequence', batch }), logits) < TOLERANCE);
      });
    }

    for (const layer of [0, 1, 2]) {
      it(`an imported BERT has transformers’ hidden states after ${layer} layers`, () => {
        const states: Network = {
          ...maskedLanguageModel(encoder),
          outputs: (ops, parameters, inputs) =>
            ops.tf.reshape(encode(encoder, ops, parameters, inputs)[layer]!, [ROWS, LENGTH * WIDTH]),
        };
        const found = engine.predict(states, parametersOf(imported), whole(bertInputs), ROWS);
        assert.ok(largestDifference(found, expected(`states.${layer}`).data) < TOLERANCE);
      });
    }

    it('an imported BERT classifies pairs from transformers’ pooled states', () => {
      const kernel = Float32Array.from({ length: WIDTH * 2 }, (_, i) => Math.cos(i));
      const head = [
        { name: 'head.kernel', shape: [WIDTH, 2], data: kernel },
        { name: 'head.bias', shape: [2], data: Float32Array.of(0.5, -0.5) },
      ];
      const kept = imported.filter(({ name }) => !name.startsWith('language') && name !== 'settings');
      const settings = settingsTensor({ ...encoder, pooling: 'cls', outputs: 2 });
      const model = transformer.load([...kept, ...head, settings], engine);
      const segment = (which: number) => ({
        ...{ rows: ROWS, length: LENGTH, vocabulary: VOCABULARY },
        tokens: Int32Array.from({ length: ROWS * LENGTH }, (_, i) => {
          const row = Math.floor(i / LENGTH) * LENGTH;
          const own = bertInputs.segments.data;
          const ids = [...tokens.subarray(row, row + LENGTH)].filter((id, j) => id && own[row + j] === which);
          return ids[i - row] ?? 0;
        }),
      });
      const found = model.predictLogits({ kind: 'pair', first: segment(0), second: segment(1) });
      const pooled = expected('pooled').data;
      const wanted = Array.from({ length: ROWS * 2 }, (_, i) => {
        let sum = i % 2 ? -0.5 : 0.5;
        for (let j = 0; j < WIDTH; j++) sum += pooled[(i >> 1) * WIDTH + j]! * kernel[j * 2 + (i % 2)]!;
        return sum;
      });
      assert.ok(largestDifference(found, wanted) < TOLERANCE);
    });

    it('an imported masked-language head guesses as transformers’ does', () => {
      const positions = Int32Array.of(1, 3, 2, 5, 0, 4);
      const labels = Int32Array.of(7, 56, 0, 12, 30, 9);
      const weights = Float32Array.of(1, 0.5, 0.25, 1, 1, 0);
      const two = (data: Float32Array | Int32Array): HostTensor => ({ shape: [ROWS, 2], data });
      const inputs = {
        ...bertInputs,
        positions: two(positions),
        labels: two(labels),
        positionWeights: two(weights),
      };
      const found = engine.predict(maskedLanguageModel(encoder), parametersOf(imported), whole(inputs), ROWS);
      const scores = expected('scores').data;
      const losses = Array.from(positions, (position, i) => {
        const start = ((i >> 1) * LENGTH + position) * VOCABULARY;
        const logits = Float64Array.from(scores.subarray(start, start + VOCABULARY));
        return -weights[i]! * logProbabilityOf(labels.subarray(i, i + 1), logits, VOCABULARY)[0]!;
      });
      // loss and weight of each row
      const wanted = [
        losses[0]! + losses[1]!,
        1.5,
        losses[2]! + losses[3]!,
        1.25,
        losses[4]! + losses[5]!,
        1,
      ];
      assert.ok(largestDifference(found, wanted) < TOLERANCE);
    });
  });
}
