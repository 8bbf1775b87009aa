import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CsrMatrix } from '../../contracts/matrix.js';
import { seeded } from '../../core/random.js';
import { fitTfidf, type TfidfSettings, type TfidfVocabulary } from '../../core/text/tfidf.js';
import { learnTfidf, weighTfidf } from '../../workers/textThreads.js';

const random = seeded(3, 'texts');
const word = (): string =>
  ['red', 'shoe', 'caf\u00e9', '\u8dd1\u978b', '\u{1f600}', `w${random.below(400)}`][random.below(6)]!;
const texts = Array.from({ length: 700 }, () => Array.from({ length: random.below(9) }, word).join(' '));
const blocks = (size: number): string[][] =>
  Array.from({ length: Math.ceil(texts.length / size) }, (_, i) => texts.slice(i * size, (i + 1) * size));

const cases: readonly TfidfSettings[] = [
  { analyzer: 'words', ngrams: [1, 2], minDocumentFrequency: 2 },
  { analyzer: 'words', ngrams: [1, 3], minDocumentFrequency: 1, maxFeatures: 50 },
  { analyzer: 'characters', ngrams: [2, 3], minDocumentFrequency: 3 },
];

async function weighed(size: number, vocabulary: TfidfVocabulary, threads: number): Promise<CsrMatrix[]> {
  const found: CsrMatrix[] = [];
  for await (const matrix of weighTfidf(blocks(size), vocabulary, threads)) found.push(matrix);
  return found;
}

describe('TF-IDF on several threads', () => {
  for (const settings of cases) {
    it(`learns and gives the same whatever their number: ${JSON.stringify(settings)}`, async () => {
      const { vocabulary, matrix } = fitTfidf(texts, settings);
      for (const [threads, size] of [
        [1, 100],
        [2, 100],
        [3, 7],
      ] as const) {
        const learned = await learnTfidf(blocks(size), settings, threads);
        assert.deepEqual(learned, vocabulary);
        const parts = await weighed(size, learned, threads);
        assert.deepEqual(
          parts.flatMap(({ values }) => [...values]),
          [...matrix.values],
        );
        assert.deepEqual(
          parts.flatMap(({ indices }) => [...indices]),
          [...matrix.indices],
        );
      }
    });
  }

  it('learns from fewer blocks than there are threads', async () => {
    const [settings] = cases;
    assert.deepEqual(await learnTfidf([texts], settings!, 3), fitTfidf(texts, settings!).vocabulary);
    assert.deepEqual((await learnTfidf([], settings!, 2)).terms, []);
  });

  it('ends its threads where the texts break off, and tells why', async () => {
    async function* broken(): AsyncGenerator<string[]> {
      yield texts;
      await Promise.resolve();
      throw new Error('the disk is gone');
    }
    await assert.rejects(learnTfidf(broken(), cases[0]!, 2), /the disk is gone/);
  });

  it('tells what a thread fails on', async () => {
    const wrong = [[null as unknown as string]];
    await assert.rejects(learnTfidf(wrong, cases[0]!, 2), /null/);
  });
});
