import type * as TF from '@tensorflow/tfjs-core';
import type { NamedTensors, Ops } from '../../contracts/engine.js';
import { dense, tensorNamed } from '../network/dense.js';
import type { EncoderSettings } from './settings.js';

/** Far below every attention score, so that padding gets no attention. */
const HIDDEN = -1e9;

/**
 * Hidden states of a BERT-like encoder.
 *
 * @param inputs tokens (b, L) int32; mask (b, L), 1 for a token and 0 for padding; segments (b, L) int32, 0 where left out
 * @returns (b·L, d) of the embeddings, then of every layer; with normalisation `pre`, only the last one is normalised
 * @source Devlin et al. 2019, "BERT"; Xiong et al. 2020, "On Layer Normalization in the Transformer Architecture"
 */
export function encode(
  settings: EncoderSettings,
  ops: Ops,
  parameters: NamedTensors,
  inputs: NamedTensors,
): TF.Tensor2D[] {
  const { tf } = ops;
  const [rows, length] = tensorNamed<TF.Tensor2D>(inputs, 'tokens').shape;
  const mask = tf.reshape(tensorNamed(inputs, 'mask'), [rows, 1, 1, length]);
  const hidden = tf.mul(tf.sub(1, mask), HIDDEN); // (b, 1, 1, L)
  const shape = { rows, length, hidden };
  const states = [embed(settings, ops, parameters, inputs)];
  for (let layer = 0; layer < settings.layers; layer++) {
    states.push(transform(settings, ops, parameters, `layers.${layer}`, states[layer]!, shape));
  }
  if (settings.normalisation === 'pre') {
    states[settings.layers] = norm(settings, ops, states[settings.layers]!, parameters, 'norm');
  }
  return states;
}

/** x (b·L, d), normalised. */
export const norm = (
  { epsilon }: EncoderSettings,
  ops: Ops,
  x: TF.Tensor2D,
  parameters: NamedTensors,
  name: string,
): TF.Tensor2D =>
  ops.layerNorm(
    x,
    tensorNamed(parameters, `${name}.gamma`),
    tensorNamed(parameters, `${name}.beta`),
    epsilon,
  );

function embed(
  settings: EncoderSettings,
  ops: Ops,
  parameters: NamedTensors,
  inputs: NamedTensors,
): TF.Tensor2D {
  const { tf } = ops;
  const { width, dropout, normalisation } = settings;
  const tokens = tensorNamed<TF.Tensor2D>(inputs, 'tokens');
  const length = tokens.shape[1];
  const segmentTable = tensorNamed<TF.Tensor2D>(parameters, 'embeddings.segments');
  const ofSegment = inputs['segments']
    ? ops.embedding(segmentTable, inputs['segments']) // (b, L, d)
    : tf.slice(segmentTable, [0, 0], [1, width]); // (1, d)
  const ofPosition = tf.slice(
    tensorNamed<TF.Tensor2D>(parameters, 'embeddings.positions'),
    [0, 0],
    [length, width],
  );
  const ofToken = ops.embedding(tensorNamed(parameters, 'embeddings.tokens'), tokens); // (b, L, d)
  const sum = tf.add(tf.add(ofToken, ofSegment), ofPosition);
  const x = tf.reshape(sum, [-1, width]) as TF.Tensor2D; // (b·L, d)
  const scaled = normalisation === 'post' ? norm(settings, ops, x, parameters, 'embeddings.norm') : x;
  return ops.dropout(scaled, dropout);
}

interface AttentionShape {
  readonly rows: number; // b
  readonly length: number; // L
  readonly hidden: TF.Tensor; // (b, 1, 1, L), 0 where a token may be seen
}

/** One layer: (b·L, d) → (b·L, d). */
function transform(
  settings: EncoderSettings,
  ops: Ops,
  parameters: NamedTensors,
  name: string,
  x: TF.Tensor2D,
  shape: AttentionShape,
): TF.Tensor2D {
  const { normalisation, dropout, gelu } = settings;
  /** x plus the sublayer of x, normalised after or before. */
  const residual = (
    input: TF.Tensor2D,
    sublayer: string,
    of: (y: TF.Tensor2D) => TF.Tensor2D,
  ): TF.Tensor2D => {
    const normalise = (y: TF.Tensor2D) => norm(settings, ops, y, parameters, `${sublayer}.norm`);
    if (normalisation === 'pre') return ops.tf.add(input, ops.dropout(of(normalise(input)), dropout));
    return normalise(ops.tf.add(input, ops.dropout(of(input), dropout)));
  };
  const attended = residual(x, `${name}.attended`, (y) =>
    dense(ops, attend(settings, ops, parameters, name, y, shape), parameters, `${name}.attended`),
  );
  return residual(attended, `${name}.outer`, (y) =>
    dense(ops, ops.gelu(dense(ops, y, parameters, `${name}.inner`), gelu), parameters, `${name}.outer`),
  );
}

/** Multi-head attention of x (b·L, d) to itself, before its output projection. */
function attend(
  { width, heads, dropout }: EncoderSettings,
  ops: Ops,
  parameters: NamedTensors,
  name: string,
  x: TF.Tensor2D,
  { rows, length, hidden }: AttentionShape,
): TF.Tensor2D {
  const { tf } = ops;
  const size = width / heads;
  const projected = dense(ops, x, parameters, `${name}.attention`); // (b·L, 3d)
  const apart = tf.reshape(projected, [rows, length, 3, heads, size]);
  const [queries, keys, values] = tf.unstack(tf.transpose(apart, [2, 0, 3, 1, 4])) as [
    TF.Tensor4D,
    TF.Tensor4D,
    TF.Tensor4D,
  ]; // (b, H, L, d/H) each
  const scores = tf.matMul(tf.mul(queries, 1 / Math.sqrt(size)), keys, false, true); // (b, H, L, L)
  const shares = ops.dropout(tf.softmax(tf.add(scores, hidden)), dropout);
  const seen = tf.transpose(tf.matMul(shares, values), [0, 2, 1, 3]); // (b, L, H, d/H)
  return tf.reshape(seen, [rows * length, width]);
}
