import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { attributedText } from '../../../core/explain/attributedText.js';
import { fitFeaturizer, transform } from '../../../core/features/featurizer.js';
import { fitSequences } from '../../../core/features/sequence.js';
import { newFeaturizer } from '../../../core/features/featurizer.js';
import { bucketOf, type Bucket } from '../../../core/text/hashing.js';
import { FeaturesConfig } from '../../../contracts/featureSettings.js';

const columns = { target: 'y', text: ['a', 'b'], attributes: [], numeric: ['price'], categorical: [] };
const batchOf = (a: string, b: string, price = 1) => ({
  rows: 1,
  columns: { a: [a], b: [b], price: Float64Array.of(price) },
});
const training = {
  rows: 4,
  columns: {
    a: ['Red table lamp', 'green LAMP', 'oak table', 'red oak'],
    b: ['with shade', 'brass', 'red', 'lamp table'],
    price: Float64Array.of(1, 2, 3, 4),
  },
};
const same = (a: Bucket, b: Bucket): boolean => a.bucket === b.bucket && a.sign === b.sign;
const config = FeaturesConfig.parse({ words: { ngrams: [1, 2], minDocumentFrequency: 1 } });

describe('what features add, laid over their text', () => {
  const featurizer = fitFeaturizer([training], columns as never, config);
  const piecesOf = (batch: ReturnType<typeof batchOf>, valueOf: (column: number) => number) => {
    const { indices, indptr } = transform(featurizer, batch);
    const own = indices.subarray(0, indptr[1]);
    return { columns: own, values: Float64Array.from(own, valueOf) };
  };
  const columnOf = (term: string): number =>
    featurizer.blocks[0]!.features.findIndex((one) => one.term === term);

  it('gives a word what it adds, shared by its occurrences, in the letters that were written', () => {
    const batch = batchOf('Red lamp, red!', 'Table');
    const lamp = columnOf('lamp');
    const red = columnOf('red');
    const { parts } = attributedText(
      featurizer,
      batch,
      piecesOf(batch, (c) => (c === lamp ? 3 : c === red ? -2 : 0)),
    );
    assert.deepEqual(parts, [
      { text: 'Red', value: -1 },
      { text: ' ', value: 0 },
      { text: 'lamp', value: 3 },
      { text: ', ', value: 0 },
      { text: 'red', value: -1 },
      { text: '! ', value: 0 },
      { text: 'Table', value: 0 },
    ]);
  });

  it('shares what a pair of words adds between the two', () => {
    const batch = batchOf('a table lamp', '');
    const pair = columnOf('table lamp');
    assert.ok(pair >= 0);
    const { parts } = attributedText(
      featurizer,
      batch,
      piecesOf(batch, (c) => (c === pair ? 1 : 0)),
    );
    assert.deepEqual(
      parts.filter(({ value }) => value !== 0),
      [
        { text: 'table', value: 0.5 },
        { text: 'lamp', value: 0.5 },
      ],
    );
  });

  it('lays features that were selected over their own words', () => {
    const kept = ['lamp', 'red'].map((term) => ({ column: '', term, offset: columnOf(term), scale: 1 }));
    const select = { kind: 'select', columns: [], features: kept, settings: { width: featurizer.width } };
    const batch = batchOf('red oak lamp', '');
    const selected = newFeaturizer(featurizer.blocks, [select]);
    const { indices } = transform(selected, batch);
    const { parts, rest } = attributedText(selected, batch, {
      columns: indices,
      values: Float64Array.from(indices, (at) => (at === 0 ? 3 : -2)),
    });
    assert.deepEqual(
      parts.filter(({ value }) => value !== 0),
      [
        { text: 'red', value: -2 },
        { text: 'lamp', value: 3 },
      ],
    );
    assert.deepEqual(rest, []);
  });

  it('names projections of all features, which are no words any more', () => {
    const vectors = [new Float64Array(featurizer.width).fill(0.1)];
    const features = [{ column: '', term: 'svd 1', offset: 0, scale: 1 }];
    const step = { kind: 'project', columns: [], settings: { method: 'svd' }, features, vectors };
    const pieces = { columns: [0], values: Float64Array.of(1.5) };
    const found = attributedText(newFeaturizer(featurizer.blocks, [step]), batchOf('red oak', ''), pieces);
    assert.deepEqual(found.rest, [{ name: 'svd 1', value: 1.5 }]);
    assert.ok(found.parts.every(({ value }) => value === 0));
  });

  it('names what is no text', () => {
    const batch = batchOf('lamp', '', 4);
    const { rest } = attributedText(
      featurizer,
      batch,
      piecesOf(batch, () => 1),
    );
    assert.ok(rest.some(({ name }) => name === 'price'));
  });

  it('loses nothing: parts and rest add up to all values, whatever the text', () => {
    const word = fc.constantFrom('Red', 'table', 'LAMP', 'oak', 'x', '灯', 'İ', '🪔', 'with', 'shade');
    const text = fc.array(fc.tuple(word, fc.constantFrom(' ', '  ', ', ', '\t')), { maxLength: 12 });
    fc.assert(
      fc.property(text, fc.double({ min: 0, max: 9, noNaN: true }), (words, price) => {
        const batch = batchOf(words.flat().join(''), '', price);
        const pieces = piecesOf(batch, (c) => ((c * 7919) % 13) - 6);
        const { parts, rest } = attributedText(featurizer, batch, pieces);
        const total = [...parts, ...rest].reduce((sum, { value }) => sum + value, 0);
        const want = pieces.values.reduce((sum, value) => sum + value, 0);
        assert.ok(Math.abs(total - want) < 1e-9, `${total} against ${want}`);
      }),
    );
  });

  describe('of hashed words', () => {
    const hashing = FeaturesConfig.parse({ words: { ngrams: [1, 1], buckets: 4 } });
    const own = fitFeaturizer([], { ...columns, numeric: [] } as never, hashing);
    const explained = (text: string, valueOf: (bucket: number) => number) => {
      const batch = batchOf(text, '');
      const { indices } = transform(own, batch);
      return attributedText(own, batch, { columns: indices, values: Float64Array.from(indices, valueOf) });
    };
    const words = Array.from({ length: 60 }, (_, i) => `word${i}`);
    const [first = ''] = words;
    const { bucket, sign } = bucketOf(first, 4);
    const alike = words.find((one, i) => i > 0 && same(bucketOf(one, 4), { bucket, sign }))!;
    const against = words.find((one) => same(bucketOf(one, 4), { bucket, sign: sign === 1 ? -1 : 1 }))!;

    it('shares a bucket among the words that it counts, and names them', () => {
      const { parts, rest, shared } = explained(`${first} ${alike} ${alike}`, () => 3);
      assert.deepEqual(
        parts.filter(({ value }) => value !== 0).map(({ text, value }) => [text, value]),
        [
          [first, 1],
          [alike, 1],
          [alike, 1],
        ],
      );
      assert.deepEqual(rest, []);
      assert.deepEqual(shared, [{ name: `a+b: #${bucket}`, terms: [first, alike], value: 3 }]);
    });

    it('lets a word that counts down take from what the others give', () => {
      const { parts, shared } = explained(`${first} ${first} ${against}`, () => 2);
      const values = new Map(parts.map(({ text, value }) => [text, value]));
      assert.deepEqual([values.get(first), values.get(against)], [2, -2]);
      assert.deepEqual(
        shared!.map(({ terms }) => terms),
        [[first, against]],
      );
    });

    it('says nothing of sharing where each word has a bucket of its own', () => {
      assert.equal(explained(first, () => 1).shared, undefined);
    });

    it('loses nothing', () => {
      fc.assert(
        fc.property(fc.array(fc.constantFrom(...words.slice(0, 9), 'İ', '灯'), { maxLength: 9 }), (some) => {
          const valueOf = (column: number): number => ((column * 31) % 7) - 3;
          const { parts, rest } = explained(some.join(' '), valueOf);
          const total = [...parts, ...rest].reduce((sum, { value }) => sum + value, 0);
          const { indices } = transform(own, batchOf(some.join(' '), ''));
          const want = indices.reduce((sum, column) => sum + valueOf(column), 0);
          assert.ok(Math.abs(total - want) < 1e-9, `${total} against ${want}`);
        }),
      );
    });
  });

  it('cuts text without spaces into characters, and follows character n-grams over white space', () => {
    const settings = FeaturesConfig.parse({
      words: null,
      characters: { ngrams: [1, 2], minDocumentFrequency: 1 },
    });
    const own = fitFeaturizer(
      [{ rows: 2, columns: { a: ['红色  台灯', '木桌'], b: ['', ''] } }],
      { ...columns, numeric: [] } as never,
      settings,
    );
    const batch = { rows: 1, columns: { a: ['台灯  红'], b: [''] } };
    const { indices } = transform(own, batch);
    const { parts, rest } = attributedText(own, batch, {
      columns: indices,
      values: new Float64Array(indices.length).fill(1),
    });
    assert.equal(parts.map((part) => part.text).join(''), '台灯  红');
    assert.deepEqual(
      parts.filter((part) => part.text.trim() !== '').map((part) => part.text),
      ['台', '灯', '红'],
    );
    assert.deepEqual(rest, []);
  });

  it('follows tokens of a sequence, and sets special ones aside', () => {
    const block = fitSequences(
      [training],
      ['a', 'b'],
      FeaturesConfig.parse({ sequence: { minFrequency: 1 } }),
      { tokenizer: 'words' },
    );
    const id = (term: string): number => block.features.findIndex((one) => one.term === term);
    const batch = batchOf('Red unheard lamp', '');
    const unknown = block.features.findIndex(({ term }) => /^\[UNK/.test(term) || term === '<unk>');
    const { parts, rest } = attributedText(newFeaturizer([block]), batch, {
      columns: [id('red'), unknown, id('lamp')],
      values: Float64Array.of(1, 5, 2),
    });
    assert.deepEqual(
      parts.filter(({ value }) => value !== 0),
      [
        { text: 'Red', value: 1 },
        { text: 'lamp', value: 2 },
      ],
    );
    assert.equal(rest[0]!.value, 5);
  });
});
