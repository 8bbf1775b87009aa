import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ConfigError } from '../../../contracts/errors.js';
import type { SequenceBatch } from '../../../contracts/model.js';
import { FeaturesConfig } from '../../../contracts/featureSettings.js';
import { Columns } from '../../../contracts/settings.js';
import { fitInputs, makeInput } from '../../../core/features/inputs.js';
import { basicWords } from '../../../core/text/basicTokenizer.js';
import { CONTINUATION, SPECIAL_TOKENS, wordPieceEncoder } from '../../../core/text/wordpiece.js';
import { trainWordPieces } from '../../../core/text/wordpieceTraining.js';
import { repositoryRoot } from '../../paths.js';

interface Fixture {
  readonly corpus: string[];
  readonly texts: string[];
  readonly pairTexts: [string, string][];
  /** `always`: learned in each of several runs there; `ever`: learned in one of them. They differ where counts tie. */
  readonly vocabularies: {
    size: number;
    lowerCase: boolean;
    minFrequency: number;
    count: number;
    always: string[];
    ever: string[];
  }[];
  readonly cases: { lowerCase: boolean; vocabulary: string[]; ids: number[][]; pairs: number[][] }[];
}
const file = join(repositoryRoot, 'test/fixtures/wordpiece/huggingface.json');
const fixture = JSON.parse(readFileSync(file, 'utf8')) as Fixture;

describe("Hugging Face's BertWordPieceTokenizer", () => {
  for (const { lowerCase, vocabulary, ids } of fixture.cases) {
    it(`gives the same ids for every text, lowerCase: ${lowerCase}`, () => {
      const { encode } = wordPieceEncoder(vocabulary, { lowerCase });
      fixture.texts.forEach((text, i) => assert.deepEqual(encode(text), ids[i], JSON.stringify(text)));
    });
  }

  it('has a pair of texts as one sequence: [CLS] the first [SEP] the second [SEP]', () => {
    const [{ vocabulary, pairs, lowerCase }] = fixture.cases as [Fixture['cases'][number]];
    assert.ok(lowerCase);
    const table = {
      rows: pairs.length,
      columns: { a: fixture.pairTexts.map(([a]) => a), b: fixture.pairTexts.map(([, b]) => b) },
    };
    const plan = { input: 'sequence', tokenizer: 'wordpiece', vocabulary } as const;
    const columns = Columns.parse({ target: 'label', text: ['a', 'b'] });
    const input = makeInput(fitInputs([table], columns, FeaturesConfig.parse({}), plan), table);
    assert.ok(input.kind === 'pair');
    const { first, second } = input;
    const rowOf = ({ length, tokens }: SequenceBatch, row: number): number[] =>
      [...tokens.subarray(row * length, (row + 1) * length)].filter((id) => id !== 0);
    pairs.forEach((ids, row) => assert.deepEqual([...rowOf(first, row), ...rowOf(second, row)], ids));
  });

  for (const { size, lowerCase, minFrequency, count, always, ever } of fixture.vocabularies) {
    it(`learns as many tokens, and the same ones but for ties: ${size} at most, lowerCase ${lowerCase}`, () => {
      const vocabulary = trainWordPieces(fixture.corpus, { vocabularySize: size, lowerCase, minFrequency });
      assert.equal(vocabulary.length, count);
      const learned = new Set(vocabulary);
      assert.equal(learned.size, count, 'a token occurs twice');
      assert.deepEqual(
        always.filter((token) => !learned.has(token)),
        [],
      );
      const allowed = new Set(ever);
      assert.deepEqual(
        vocabulary.filter((token) => !allowed.has(token)),
        [],
      );
    });
  }
});

describe('a vocabulary of word pieces', () => {
  const settings = { vocabularySize: 300, minFrequency: 2, lowerCase: true };

  it('begins with the special tokens, padding first, and grows by whole prefixes of itself', () => {
    const small = trainWordPieces(fixture.corpus, { ...settings, vocabularySize: 150 });
    const large = trainWordPieces(fixture.corpus, settings);
    assert.deepEqual(small.slice(0, 5), [...SPECIAL_TOKENS]);
    assert.deepEqual(large.slice(0, 150), small);
  });

  it('is the same whatever the order of the texts', () => {
    assert.deepEqual(
      trainWordPieces(fixture.corpus.toReversed(), settings),
      trainWordPieces(fixture.corpus, settings),
    );
  });

  it('keeps the most frequent characters where there are too many', () => {
    const vocabulary = trainWordPieces(['aaab aab c'], { ...settings, alphabetLimit: 2, minFrequency: 9 });
    assert.deepEqual(vocabulary.slice(5), ['a', 'b', '##a', '##b']);
  });

  const spell = (vocabulary: readonly string[], ids: readonly number[]): string =>
    ids
      .map((id) => vocabulary[id]!)
      .join('')
      .replaceAll(CONTINUATION, '');

  it('spells every text that it was learned from: its pieces joined are its words joined', () => {
    const letters = fc.string({ unit: fc.constantFrom(...'abcdé XY1!，质量'), maxLength: 40 });
    fc.assert(
      fc.property(fc.array(letters, { minLength: 1, maxLength: 8 }), (texts) => {
        const vocabulary = trainWordPieces(texts, { ...settings, minFrequency: 1 });
        const { encode, specials } = wordPieceEncoder(vocabulary, settings);
        for (const text of texts) {
          const ids = encode(text);
          assert.ok(!ids.includes(specials['[UNK]']), text);
          assert.equal(spell(vocabulary, ids), basicWords(text, settings).join(''));
        }
      }),
    );
  });

  it('knows a word of 100 characters and none of 101', () => {
    const { encode, specials } = wordPieceEncoder([...SPECIAL_TOKENS, 'x', '##x'], settings);
    assert.equal(encode('x'.repeat(100)).length, 100);
    assert.deepEqual(encode('x'.repeat(101)), [specials['[UNK]']]);
  });

  it('never takes text for a special token', () => {
    const vocabulary = [...SPECIAL_TOKENS, '[', ']', 'mask'];
    assert.deepEqual(wordPieceEncoder(vocabulary, settings).encode('[MASK]'), [5, 7, 6]);
  });

  it('is refused without its special tokens, or with another first token than padding', () => {
    assert.throws(() => wordPieceEncoder(['[PAD]', 'a'], settings), ConfigError);
    assert.throws(() => wordPieceEncoder(['a', ...SPECIAL_TOKENS], settings), /\[PAD\] as its first token/);
  });
});
