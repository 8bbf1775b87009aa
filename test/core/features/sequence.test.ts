import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DataError } from '../../../contracts/errors.js';
import { FeaturesConfig } from '../../../contracts/featureSettings.js';
import { Columns } from '../../../contracts/settings.js';
import type { SequenceBatch } from '../../../contracts/model.js';
import type { ColumnBatch } from '../../../contracts/table.js';
import { featureNames } from '../../../core/features/featurizer.js';
import { fitInputs, makeInput, type InputPlan } from '../../../core/features/inputs.js';
import { featurizerBatches, featurizerFromBatches } from '../../../core/features/store.js';
import { SPECIAL_TOKENS } from '../../../core/text/wordpiece.js';

const batch: ColumnBatch = {
  rows: 3,
  columns: { query: ['red shoe', null, 'red red'], title: ['shoe red', '', 'a shoe b c d e'] },
};
const columnsOf = (...text: string[]) => Columns.parse({ target: 'label', text });
const configOf = (sequence: object) => FeaturesConfig.parse({ sequence: { minFrequency: 1, ...sequence } });
const words: InputPlan = { input: 'sequence', tokenizer: 'words' };
const pieces: InputPlan = { input: 'sequence', tokenizer: 'wordpiece' };

/** Tokens of every row, padding left out. */
function tokensOf({ rows, length, tokens }: SequenceBatch, names: readonly string[]): string[] {
  assert.equal(tokens.length, rows * length);
  return Array.from({ length: rows }, (_, row) => {
    const ids = [...tokens.subarray(row * length, (row + 1) * length)];
    const used = ids.findLastIndex((id) => id !== 0) + 1;
    return ids
      .slice(0, used)
      .map((id) => names[id])
      .join(' ');
  });
}

describe('sequences of words', () => {
  it('join text columns, are cut at the length, and are one unknown token where there is no text', () => {
    const featurizer = fitInputs([batch], columnsOf('query', 'title'), configOf({ length: 5 }), words);
    const input = makeInput(featurizer, batch);
    assert.ok(input.kind === 'sequence');
    assert.equal(input.batch.vocabulary, featurizer.width);
    assert.deepEqual(tokensOf(input.batch, featureNames(featurizer)), [
      'red shoe shoe red',
      '[UNK]',
      'red red a shoe b',
    ]);
  });

  it('knows only words of the training rows', () => {
    const featurizer = fitInputs([batch], columnsOf('query'), configOf({}), words);
    const later = { rows: 1, columns: { query: ['blue shoe'] } };
    const input = makeInput(featurizer, later);
    assert.ok(input.kind === 'sequence');
    assert.deepEqual(tokensOf(input.batch, featureNames(featurizer)), ['[UNK] shoe']);
  });

  it('is by character for Chinese', () => {
    const chinese = { rows: 1, columns: { query: ['很好'] } };
    const featurizer = fitInputs([chinese], columnsOf('query'), configOf({}), words);
    assert.deepEqual(featureNames(featurizer).slice(2), ['好', '很']);
  });
});

describe('sequences of word pieces', () => {
  const vocabulary = [...SPECIAL_TOKENS, 'red', 'shoe', 'a', 'b', 'c'];

  it('stand between [CLS] and [SEP], which are kept where the text is cut', () => {
    const plan = { ...pieces, vocabulary };
    const featurizer = fitInputs([batch], columnsOf('title'), configOf({ length: 5 }), plan);
    const input = makeInput(featurizer, batch);
    assert.ok(input.kind === 'sequence');
    assert.deepEqual(tokensOf(input.batch, vocabulary), [
      '[CLS] shoe red [SEP]',
      '[CLS] [SEP]',
      '[CLS] a shoe b [SEP]',
    ]);
  });

  it('are a pair for two columns, the second one without [CLS]', () => {
    const plan = { ...pieces, vocabulary };
    const featurizer = fitInputs([batch], columnsOf('query', 'title'), configOf({ length: 4 }), plan);
    const input = makeInput(featurizer, batch);
    assert.ok(input.kind === 'pair');
    assert.deepEqual(tokensOf(input.first, vocabulary), [
      '[CLS] red shoe [SEP]',
      '[CLS] [SEP]',
      '[CLS] red red [SEP]',
    ]);
    assert.deepEqual(tokensOf(input.second, vocabulary), ['shoe red [SEP]', '[SEP]', 'a shoe b [SEP]']);
  });

  it('are one text for two columns where no pair is wanted', () => {
    const config = configOf({ pair: false });
    const featurizer = fitInputs([batch], columnsOf('query', 'title'), config, { ...pieces, vocabulary });
    assert.equal(makeInput(featurizer, batch).kind, 'sequence');
  });
});

it('a stored featurizer makes the same sequences', () => {
  for (const plan of [words, pieces]) {
    const featurizer = fitInputs([batch], columnsOf('query', 'title'), configOf({ length: 7 }), plan);
    const stored = featurizerFromBatches(featurizerBatches(featurizer));
    assert.deepEqual(makeInput(stored, batch), makeInput(featurizer, batch));
  }
});

it('a model that reads text is refused a table without any', () => {
  const columns = Columns.parse({ target: 'label', numeric: ['price'] });
  assert.throws(() => fitInputs([batch], columns, configOf({}), words), DataError);
});
