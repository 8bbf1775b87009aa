import type * as TF from '@tensorflow/tfjs-core';
import type { NamedTensors, Network, Ops } from '../contracts/engine.js';
import type { Tensor } from '../contracts/matrix.js';
import type { Random } from '../core/random.js';
import { shrinks } from './network/classifier.js';
import { dense, tensorNamed } from './network/dense.js';
import { zeros } from './network/initialisers.js';
import { encode, norm } from './transformer/encoder.js';
import { encoderTensors, normTensors, projectionTensors } from './transformer/parameters.js';
import type { EncoderSettings } from './transformer/settings.js';

/** The encoder's parameters and those of the masked-language head, as training from nothing starts. */
export const maskedLanguageTensors = (settings: EncoderSettings, random: Random): Tensor[] => [
  ...encoderTensors(settings, random),
  ...projectionTensors('language', settings.width, settings.width, random),
  ...normTensors('language.norm', settings.width),
  zeros('language.tokens.bias', [settings.vocabulary]),
];

/**
 * Guesses masked tokens from their surroundings; scores are products with the token embedding itself.
 *
 * Inputs: tokens, mask and, where wanted, segments (b, L) of the encoder; positions (b, m) int32 of the masked tokens
 * within their row, labels (b, m) int32, what they were, and positionWeights (b, m), 0 where a row has fewer than m.
 *
 * `loss`: Σ weight · −ln p(label) of each row, nats; give weights of 1 / (expected masked tokens a row) for the mean
 * over tokens. `outputs`: that sum and the sum of the weights (b, 2): the perplexity is e^(Σ first / Σ second).
 *
 * @source Devlin et al. 2019, "BERT", section 3.1
 */
export const maskedLanguageModel = (settings: EncoderSettings): Network => ({
  decays: shrinks,
  loss: (ops, parameters, inputs) => lossOfRows(settings, ops, parameters, inputs),
  outputs(ops, parameters, inputs) {
    const weights = tensorNamed<TF.Tensor2D>(inputs, 'positionWeights');
    return ops.tf.stack(
      [lossOfRows(settings, ops, parameters, inputs), ops.tf.sum(weights, 1)],
      1,
    ) as TF.Tensor2D;
  },
});

function lossOfRows(
  settings: EncoderSettings,
  ops: Ops,
  parameters: NamedTensors,
  inputs: NamedTensors,
): TF.Tensor1D {
  const { tf } = ops;
  const states = encode(settings, ops, parameters, inputs).at(-1)!; // (b·L, d)
  const positions = tensorNamed<TF.Tensor2D>(inputs, 'positions');
  const [rows, masked] = positions.shape;
  const length = states.shape[0] / rows;
  const starts = tf.reshape(tf.range(0, rows * length, length, 'int32'), [rows, 1]); // (b, 1)
  const place = tf.reshape(tf.add(positions, starts), [rows * masked]);
  const labels = tf.reshape(tensorNamed(inputs, 'labels'), [rows * masked]) as TF.Tensor1D;
  const scores = tokenScores(settings, ops, parameters, ops.embedding(states, place) as TF.Tensor2D); // (b·m, V)
  const losses = tf.reshape(ops.sparseCrossEntropy(scores, labels), [rows, masked]);
  return tf.sum(tf.mul(losses, tensorNamed(inputs, 'positionWeights')), 1);
}

/** Logits of every token of the vocabulary: states (n, d) → (n, V). */
function tokenScores(
  settings: EncoderSettings,
  ops: Ops,
  parameters: NamedTensors,
  states: TF.Tensor2D,
): TF.Tensor2D {
  const inner = ops.gelu(dense(ops, states, parameters, 'language'), settings.gelu);
  const scaled = norm(settings, ops, inner, parameters, 'language.norm');
  const table = tensorNamed<TF.Tensor2D>(parameters, 'embeddings.tokens');
  return ops.tf.add(
    ops.tf.matMul(scaled, table, false, true),
    tensorNamed(parameters, 'language.tokens.bias'),
  );
}
