import { ConfigError } from '../../contracts/errors.js';
import type { Tensor } from '../../contracts/matrix.js';
import { settingsTensor } from '../network/settings.js';
import type { EncoderSettings } from '../transformer/settings.js';
import { sideBySide, transposed } from './columns.js';
import { encoderOfBert } from './config.js';
import { classifierNames, encoderNames, languageNames, poolerNames, type Correspondence } from './names.js';

/**
 * A BERT checkpoint of Hugging Face as tensors to fine-tune `transformer` from or to pretrain on: the encoder, and
 * the pooler, classifier and masked-language head where the checkpoint has them whole.
 *
 * @param config content of config.json
 * @param tensors of the safetensors file, float32; with or without the prefix `bert.`
 * @throws ConfigError naming what the checkpoint lacks, or what of it we can't compute
 */
export function importBert(config: unknown, tensors: readonly Tensor[]): Tensor[] {
  const settings = encoderOfBert(config);
  const given = new Map(tensors.map((tensor) => [plainName(tensor.name), tensor]));
  const optional = [poolerNames, classifierNames, languageNames].filter((names) =>
    names.every(({ theirs }) => theirs.every((name) => given.has(name))),
  );
  const encoder = encoderNames(settings.layers).map((one) => converted(one, given));
  checkShapes(encoder, settings);
  return [settingsTensor(settings), ...encoder, ...optional.flat().map((one) => converted(one, given))];
}

/** Without the prefix of the models around `BertModel`, and without the names of TensorFlow's first checkpoints. */
const plainName = (name: string): string =>
  name
    .replace(/^bert\./, '')
    .replace(/LayerNorm\.gamma$/, 'LayerNorm.weight')
    .replace(/LayerNorm\.beta$/, 'LayerNorm.bias');

function converted(
  { ours, theirs, transposed: turn }: Correspondence,
  given: ReadonlyMap<string, Tensor>,
): Tensor {
  const parts = theirs.map((name) => {
    const tensor = given.get(name);
    if (!tensor) throw new ConfigError(`the checkpoint lacks ${name}: expected all of a BertModel`);
    return turn ? transposed(tensor) : tensor;
  });
  return sideBySide(ours, parts);
}

function checkShapes(encoder: readonly Tensor[], settings: EncoderSettings): void {
  const { vocabulary, positions, segments, width, feedForward } = settings;
  const expected: Readonly<Record<string, readonly number[]>> = {
    'embeddings.tokens': [vocabulary, width],
    'embeddings.positions': [positions, width],
    'embeddings.segments': [segments, width],
    'layers.0.attention.kernel': [width, 3 * width],
    'layers.0.inner.kernel': [width, feedForward],
  };
  for (const { name, shape } of encoder) {
    const wanted = expected[name];
    if (wanted && wanted.join() !== shape.join()) {
      throw new ConfigError(
        `config.json is of another checkpoint: it makes ${name} (${wanted.join(', ')}), the file has (${shape.join(', ')})`,
      );
    }
  }
}
