import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
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

    it(`is met by transforming the training texts, too: ${wanted.name}`, () => {
      const { vocabulary, matrix } = fitTfidf(texts, wanted);
      assert.deepEqual(tfidfTransformer(vocabulary)(texts), matrix);
    });
  }
});

const words: TfidfSettings = { analyzer: 'words', ngrams: [1, 1], minDocumentFrequency: 1 };

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
