import type { Tensor } from '../../contracts/matrix.js';
import { readSettings } from '../network/settings.js';
import { EncoderSettings } from '../transformer/settings.js';
import { apart, transposed } from './columns.js';
import { bertConfigOf } from './config.js';
import { classifierNames, encoderNames, languageNames, poolerNames, type Correspondence } from './names.js';

/** A checkpoint as Hugging Face's library reads it: config.json, and the tensors of model.safetensors. */
export interface BertCheckpoint {
  readonly config: Readonly<Record<string, unknown>>;
  readonly tensors: readonly Tensor[];
}

/**
 * The tensors of a `transformer`, fitted or pretrained, as a checkpoint: `BertForMaskedLM` with a masked-language
 * head, `BertForSequenceClassification` with a pooler and a head, else the bare `BertModel` (as after pooling by mean,
 * which BERT's classifier doesn't know).
 *
 * @param classes names of the classes, by code
 * @throws ConfigError if the encoder is not built as BERT is
 */
export function exportBert(tensors: readonly Tensor[], classes?: readonly string[]): BertCheckpoint {
  const settings = readSettings('transformer', EncoderSettings, tensors);
  const config = bertConfigOf(settings);
  const given = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  const has = (names: readonly Correspondence[]): boolean => names.every(({ ours }) => given.has(ours));
  const make = (names: readonly Correspondence[]): Tensor[] =>
    names.flatMap((one) => converted(one, given.get(one.ours)!));
  const encoder = [...encoderNames(settings.layers), ...(has(poolerNames) ? poolerNames : [])];
  const around = has(languageNames)
    ? { architecture: 'BertForMaskedLM', names: languageNames, labels: {} }
    : has(poolerNames) && has(classifierNames)
      ? {
          architecture: 'BertForSequenceClassification',
          names: classifierNames,
          labels: labelsOf(classes ?? numbered(given.get('head.bias')!.data.length)),
        }
      : undefined;
  const own = make(encoder);
  return {
    config: {
      ...config,
      ...around?.labels,
      architectures: [around?.architecture ?? 'BertModel'],
    },
    tensors: around
      ? [...own.map((one) => ({ ...one, name: `bert.${one.name}` })), ...make(around.names)]
      : own,
  };
}

const numbered = (outputs: number): string[] => Array.from({ length: outputs }, (_, code) => `LABEL_${code}`);

const labelsOf = (classes: readonly string[]): Record<string, unknown> => ({
  id2label: Object.fromEntries(classes.map((name, code) => [String(code), name])),
  label2id: Object.fromEntries(classes.map((name, code) => [name, code])),
});

const converted = ({ theirs, transposed: turn }: Correspondence, tensor: Tensor): Tensor[] =>
  apart(tensor, theirs).map((part) => (turn ? transposed(part) : part));
