import assert from 'node:assert/strict';
import { it } from 'node:test';
import { fitVocabulary, PADDING, UNKNOWN, vocabularyEncoder } from '../../../core/text/vocabulary.js';

const words = { unit: 'words', vocabularySize: 100, minFrequency: 1 } as const;

it('orders words by how often they occur, then by text, behind padding and unknown', () => {
  const vocabulary = fitVocabulary(['Red shoe', 'blue shoe', 'a shoe'], words);
  assert.deepEqual(vocabulary, [PADDING, UNKNOWN, 'shoe', 'a', 'blue', 'red']);
});

it('keeps the most frequent words that fit, and none that is too rare', () => {
  const texts = ['a a a b b c', 'd'];
  assert.deepEqual(fitVocabulary(texts, { ...words, vocabularySize: 4 }), [PADDING, UNKNOWN, 'a', 'b']);
  assert.deepEqual(fitVocabulary(texts, { ...words, minFrequency: 3 }), [PADDING, UNKNOWN, 'a']);
});

it('gives an id to every word, 1 where it is unknown, and never 0', () => {
  const encode = vocabularyEncoder([PADDING, UNKNOWN, 'shoe', 'red'], 'words');
  assert.deepEqual(encode('RED, green shoe! [PAD] [UNK]'), [3, 1, 2, 1, 1]);
  assert.deepEqual(encode('  '), []);
});

it('cuts Chinese into characters, without spaces', () => {
  const settings = { ...words, unit: 'characters' } as const;
  const vocabulary = fitVocabulary(['质量 好', '好 𠀀'], settings);
  assert.deepEqual(vocabulary, [PADDING, UNKNOWN, '好', '质', '量', '𠀀']);
  assert.deepEqual(vocabularyEncoder(vocabulary, 'characters')('好　坏'), [2, 1]);
});
