import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { fitTfidf, TfidfLearner, tfidfTransformer, type TfidfSettings } from '../../../core/text/tfidf.js';
import { repositoryRoot } from '../../paths.js';

interface Case extends TfidfSettings {
  readonly name: string;
  readonly terms: string[];
  readonly indptr: number[];
  readonly indices: number[];
  readonly values: number[];
}
const fixture = join(repositoryRoot, 'test/fixtures/tfidf/sklearn.json');
const { texts, cases } = JSON.parse(readFileSync(fixture, 'utf8')) as { texts: string[]; cases: Case[] };
const SINGLE = 1e-7; // half a unit in the last place of a float near 1

describe("scikit-learn's TfidfVectorizer", () => {
  for (const wanted of cases) {
    it(`has the same terms, in the same order, and the same values: ${wanted.name}`, () => {
      const { vocabulary, matrix } = fitTfidf(texts, wanted);
      assert.deepEqual(vocabulary.terms, wanted.terms);
      assert.deepEqual([...matrix.indptr], wanted.indptr);
      assert.deepEqual([...matrix.indices], wanted.indices);
      matrix.values.forEach((value, i) => assert.ok(Math.abs(value - wanted.values[i]!) < SINGLE));
    });

    it(`is met by learning from parts that are not kept: ${wanted.name}`, () => {
      for (const size of [1, 2, texts.length]) {
        const learner = new TfidfLearner(wanted);
        for (let from = 0; from < texts.length; from += size) learner.add(texts.slice(from, from + size));
        assert.deepEqual(learner.vocabulary(), fitTfidf(texts, wanted).vocabulary);
      }
    });

    it(`is met by parts that are learned apart and put together: ${wanted.name}`, () => {
      const parts = [0, 1, 2].map((part) => {
        const learner = new TfidfLearner(wanted);
        learner.add(texts.filter((_, i) => i % 3 === part));
        return learner;
      });
      const [first, second, third] = parts as [TfidfLearner, TfidfLearner, TfidfLearner];
      third.absorb(first.counts());
      third.absorb(second.counts(), true);
      assert.deepEqual(third.vocabulary(), fitTfidf(texts, wanted).vocabulary);
    });

    it(`is met by transforming the training texts, too: ${wanted.name}`, () => {
      const { vocabulary, matrix } = fitTfidf(texts, wanted);
      assert.deepEqual(tfidfTransformer(vocabulary)(texts), matrix);
    });
  }
});

const words: TfidfSettings = { analyzer: 'words', ngrams: [1, 1], minDocumentFrequency: 1 };

it('is met by parts in any number, whatever is too rare', () => {
  const text = fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), { maxLength: 6 });
  const parts = fc.array(fc.array(text, { maxLength: 6 }), { minLength: 2, maxLength: 4 });
  const settings = fc.record(
    {
      analyzer: fc.constantFrom('words', 'characters'),
      ngrams: fc.constantFrom([1, 1], [1, 2], [2, 3], [1, 3]),
      minDocumentFrequency: fc.integer({ min: 1, max: 4 }),
      maxFeatures: fc.integer({ min: 1, max: 8 }),
    },
    { requiredKeys: ['analyzer', 'ngrams', 'minDocumentFrequency'] },
  ) as fc.Arbitrary<TfidfSettings>;
  fc.assert(
    fc.property(parts, settings, (drawn, asked) => {
      const learners = drawn.map((texts) => {
        const learner = new TfidfLearner(asked);
        learner.add(texts.map((words) => words.join(' ')));
        return learner;
      });
      const [own, ...others] = learners as [TfidfLearner, ...TfidfLearner[]];
      for (const [i, other] of others.entries()) own.absorb(other.counts(), i === others.length - 1);
      const all = drawn.flat().map((words) => words.join(' '));
      assert.deepEqual(own.vocabulary(), fitTfidf(all, asked).vocabulary);
    }),
    { numRuns: 500 },
  );
});

it('orders terms by code point, whatever they are made of', () => {
  const unit = fc.constantFrom(
    ...'ab_z09\u00e9\u0301\uff21\u8dd1',
    '\u{1f600}',
    '\u{20000}',
    ' ',
    '-',
    '#\ufe0f\u20e3',
  );
  const written = fc.array(fc.string({ unit, maxLength: 8 }), { maxLength: 12 });
  const settings = fc.record({
    analyzer: fc.constantFrom('words', 'characters'),
    ngrams: fc.constantFrom([1, 1], [1, 2], [2, 3], [1, 4]),
    minDocumentFrequency: fc.constantFrom(1, 2),
  }) as fc.Arbitrary<TfidfSettings>;
  fc.assert(
    fc.property(written, settings, (given, asked) => {
      const { terms } = fitTfidf(given, asked).vocabulary;
      const sorted = [...terms].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
      assert.deepEqual(terms, sorted);
      assert.equal(new Set(terms).size, terms.length);
    }),
    { numRuns: 500 },
  );
});

it('keeps the most frequent terms, and of equals the first by name', () => {
  const { vocabulary } = fitTfidf(['c b a', 'c d', 'c b'], { ...words, maxFeatures: 3 });
  assert.deepEqual(vocabulary.terms, ['a', 'b', 'c']);
});

it('leaves out what training never saw, and gives an empty row for a text of nothing else', () => {
  const { vocabulary } = fitTfidf(['red shoe', 'blue shoe'], words);
  const matrix = tfidfTransformer(vocabulary)(['green hat', 'shoe hat']);
  assert.deepEqual([...matrix.indptr], [0, 0, 1]);
  assert.equal(matrix.values[0], 1);
});

it('counts more distinct words than its first tables hold', () => {
  const many = Array.from({ length: 20_000 }, (_, i) => `w${i}`);
  const { vocabulary, matrix } = fitTfidf([many.join(' '), many.join(' ')], { ...words, ngrams: [1, 2] });
  assert.equal(vocabulary.terms.length, 20_000 + 19_999);
  assert.equal(matrix.indptr[1], 39_999);
  const learner = new TfidfLearner({ ...words, ngrams: [1, 2] });
  learner.add([many.join(' '), many.join(' ')]);
  assert.deepEqual(learner.vocabulary(), vocabulary);
});
