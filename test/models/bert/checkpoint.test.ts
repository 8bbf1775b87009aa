import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Tensor } from '../../../contracts/matrix.js';
import { seeded } from '../../../core/random.js';
import { exportBert } from '../../../models/bert/exportBert.js';
import { importBert } from '../../../models/bert/importBert.js';
import { formatVocabulary, parseVocabulary } from '../../../models/bert/vocabulary.js';
import { maskedLanguageTensors } from '../../../models/maskedLanguage.js';
import { settingsTensor } from '../../../models/network/settings.js';
import type { EncoderSettings } from '../../../models/transformer/settings.js';
import { encoderTensors } from '../../../models/transformer/parameters.js';
import { checkpoint } from './fixture.js';

const { config, tensors } = checkpoint;
const named = (list: readonly Tensor[], name: string): Tensor => list.find((one) => one.name === name)!;
const names = (list: readonly Tensor[]): string[] => list.map(({ name }) => name).sort();
const renamed = (rename: (name: string) => string): Tensor[] =>
  tensors.map((tensor) => ({ ...tensor, name: rename(tensor.name) }));

describe('importing a BERT checkpoint', () => {
  const ours = importBert(config, tensors);

  it('gives every tensor that pretraining starts from', () => {
    const settings: EncoderSettings = {
      vocabulary: 57,
      positions: 24,
      segments: 2,
      layers: 2,
      width: 32,
      heads: 4,
      feedForward: 48,
      normalisation: 'post',
      gelu: 'erf',
      epsilon: 1e-12,
      dropout: 0.1,
    };
    assert.deepEqual(named(ours, 'settings'), settingsTensor(settings));
    const shapes = (list: readonly Tensor[]) => list.map(({ name, shape }) => `${name} ${shape.join('×')}`);
    const fresh = shapes(maskedLanguageTensors(settings, seeded(1)));
    assert.deepEqual(
      fresh.filter((one) => !shapes(ours).includes(one)),
      [],
    );
  });

  it('turns kernels round and puts queries, keys and values side by side', () => {
    const kernel = named(ours, 'layers.1.attention.kernel'); // (32, 96)
    const keys = named(tensors, 'bert.encoder.layer.1.attention.self.key.weight'); // (32, 32), out by in
    assert.equal(kernel.data[3 * 96 + 32 + 5], keys.data[5 * 32 + 3]);
  });

  it('knows bare encoders and the names of the first checkpoints', () => {
    const bare = renamed((name) => name.replace(/^bert\./, '')).filter(
      ({ name }) => !name.startsWith('cls.'),
    );
    const old = renamed((name) =>
      name.replace('LayerNorm.weight', 'LayerNorm.gamma').replace('LayerNorm.bias', 'LayerNorm.beta'),
    );
    assert.deepEqual(importBert(config, old), ours);
    assert.deepEqual(
      importBert(config, bare),
      ours.filter(({ name }) => !name.startsWith('language')),
    );
  });

  const refusals = [
    {
      name: 'another kind of model',
      config: { ...config, model_type: 'roberta' },
      message: /model_type: .*BERT/,
    },
    {
      name: 'relative positions',
      config: { ...config, position_embedding_type: 'relative_key' },
      message: /position/,
    },
    { name: 'another padding', config: { ...config, pad_token_id: 1 }, message: /pad_token_id/ },
    {
      name: 'sizes of another file',
      config: { ...config, vocab_size: 58 },
      message: /tokens \(58, 32\), .*\(57, 32\)/,
    },
    {
      name: 'more layers than are there',
      config: { ...config, num_hidden_layers: 3 },
      message: /lacks encoder\.layer\.2/,
    },
  ];
  for (const { name, config: given, message } of refusals) {
    it(`refuses ${name}`, () =>
      assert.throws(() => importBert(given, tensors), { name: 'ConfigError', message }));
  }
});

describe('exporting a transformer', () => {
  it('gives back what was imported, without the head that BERT drops', () => {
    const back = exportBert(importBert(config, tensors));
    assert.deepEqual(back.config['architectures'], ['BertForMaskedLM']);
    for (const key of Object.keys(back.config)) {
      if (key !== 'architectures') assert.deepEqual(back.config[key], config[key] ?? 'absolute', key);
    }
    assert.deepEqual(
      names(back.tensors),
      names(tensors).filter((name) => !name.includes('seq_relationship')),
    );
    for (const tensor of back.tensors) assert.deepEqual(tensor, named(tensors, tensor.name), tensor.name);
  });

  const encoder = importBert(config, tensors).filter(({ name }) => !name.startsWith('language'));
  const head = (outputs: number): Tensor[] => [
    { name: 'head.kernel', shape: [32, outputs], data: new Float32Array(32 * outputs) },
    { name: 'head.bias', shape: [outputs], data: new Float32Array(outputs) },
  ];

  it('gives a classifier with its labels', () => {
    const { config: written, tensors: own } = exportBert([...encoder, ...head(3)]);
    assert.deepEqual(written['architectures'], ['BertForSequenceClassification']);
    assert.deepEqual(written['label2id'], { LABEL_0: 0, LABEL_1: 1, LABEL_2: 2 });
    assert.deepEqual(named(own, 'classifier.weight').shape, [3, 32]);
    assert.ok(own.every(({ name }) => /^(bert|classifier)\./.test(name)));
  });

  it('gives the bare encoder where pooling is not that of BERT', () => {
    const pooled = encoder.filter(({ name }) => !name.startsWith('pooler'));
    const { config: written, tensors: own } = exportBert([...pooled, ...head(3)]);
    assert.deepEqual(written['architectures'], ['BertModel']);
    assert.ok(own.every(({ name }) => /^(embeddings|encoder)\./.test(name)));
  });

  it('refuses an encoder that normalises first', () => {
    const settings: EncoderSettings = {
      vocabulary: 5,
      positions: 4,
      segments: 1,
      layers: 1,
      width: 4,
      heads: 2,
      feedForward: 4,
      normalisation: 'pre',
      gelu: 'erf',
      epsilon: 1e-12,
      dropout: 0,
    };
    assert.throws(() => exportBert([settingsTensor(settings), ...encoderTensors(settings, seeded(1))]), {
      name: 'ConfigError',
      message: /normalisation post/,
    });
  });
});

describe('vocab.txt', () => {
  it('is read and written as it is', () => {
    const tokens = parseVocabulary(checkpoint.vocabulary, 57);
    assert.deepEqual([tokens.length, tokens[0], tokens[56]], [57, '[PAD]', '##z']);
    assert.equal(formatVocabulary(tokens), checkpoint.vocabulary);
    assert.deepEqual(parseVocabulary(checkpoint.vocabulary.replaceAll('\n', '\r\n'), 64), tokens);
  });

  const text = checkpoint.vocabulary;
  const cases = [
    { name: 'more tokens than the encoder has', given: text, size: 56, message: /at most 56 tokens.*got 57/ },
    {
      name: 'a missing special token',
      given: text.replace('[MASK]\n', ''),
      size: 57,
      message: /\[MASK\] missing/,
    },
    { name: 'another first token', given: `a\n${text.replace('\na\n', '\n')}`, size: 57, message: /got a;/ },
    { name: 'a token twice', given: `${text}a\n`, size: 60, message: /1 tokens are there twice/ },
  ];
  for (const { name, given, size, message } of cases) {
    it(`is refused with ${name}`, () =>
      assert.throws(() => parseVocabulary(given, size), { name: 'ConfigError', message }));
  }
});
