import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { bucketOf, hashingTransformer, type HashingSettings } from '../../../core/text/hashing.js';
import { collapseWhitespace } from '../../../core/text/tokenize.js';
import { murmur3 } from '../../../core/text/murmur3.js';
import { repositoryRoot } from '../../paths.js';

interface Case extends HashingSettings {
  readonly name: string;
  readonly indptr: number[];
  readonly indices: number[];
  readonly values: number[];
}
const fixture = join(repositoryRoot, 'test/fixtures/hashing/sklearn.json');
const { texts, hashes, cases } = JSON.parse(readFileSync(fixture, 'utf8')) as {
  texts: string[];
  hashes: Record<string, number>;
  cases: Case[];
};
const SINGLE = 1e-7; // half a unit in the last place of a float near 1

describe("scikit-learn's HashingVectorizer", () => {
  for (const [word, wanted] of Object.entries(hashes)) {
    it(`hashes "${word}" to ${wanted}`, () => {
      const bytes = new TextEncoder().encode(word);
      assert.equal(murmur3(bytes, 0, bytes.length), wanted);
    });
  }

  for (const wanted of cases) {
    it(`has the same entries and the same values: ${wanted.name}`, () => {
      const matrix = hashingTransformer(wanted)(texts);
      assert.deepEqual([...matrix.indptr], wanted.indptr);
      assert.deepEqual([...matrix.indices], wanted.indices);
      matrix.values.forEach((value, i) => assert.ok(Math.abs(value - wanted.values[i]!) < SINGLE));
    });
  }
});

const words: HashingSettings = { analyzer: 'words', ngrams: [1, 1], buckets: 1 << 16 };

/** Two words of `buckets` buckets that fall into one, with these signs. */
function collision(buckets: number, sameSign: boolean): [string, string] {
  for (let i = 0; ; i++) {
    const [a, b] = [bucketOf('w0', buckets), bucketOf(`w${i + 1}`, buckets)];
    if (a.bucket === b.bucket && (a.sign === b.sign) === sameSign) return ['w0', `w${i + 1}`];
  }
}

describe('words in one bucket', () => {
  it('add up where their signs agree', () => {
    const [a, b] = collision(50, true);
    const { indices, values } = hashingTransformer({ ...words, buckets: 50 })([`${a} ${b} ${b}`]);
    assert.deepEqual([...indices], [bucketOf(a, 50).bucket]);
    assert.equal(values[0], bucketOf(a, 50).sign);
  });

  it('cancel out where they do not, and leave nothing behind for the next text', () => {
    const [a, b] = collision(50, false);
    const matrix = hashingTransformer({ ...words, buckets: 50 })([`${a} ${b}`, a, `${a} ${b} ${a}`]);
    assert.deepEqual([...matrix.indptr], [0, 0, 1, 2]);
    assert.deepEqual([...matrix.values], [bucketOf(a, 50).sign, bucketOf(a, 50).sign]);
  });
});

it('counts as one would by hand, whatever the script', () => {
  const transform = hashingTransformer({ analyzer: 'characters', ngrams: [1, 1], buckets: 32 });
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 12 }), (text) => {
      const sums = new Map<number, number>();
      for (const character of collapseWhitespace(text.toLowerCase())) {
        const { bucket, sign } = bucketOf(character, 32);
        sums.set(bucket, (sums.get(bucket) ?? 0) + sign);
      }
      const counted = [...sums].filter(([, sum]) => sum !== 0).sort(([a], [b]) => a - b);
      const length = Math.hypot(...counted.map(([, sum]) => sum));
      const { indices, values } = transform([text]);
      assert.deepEqual(
        [...indices],
        counted.map(([bucket]) => bucket),
      );
      counted.forEach(([, sum], i) => assert.ok(Math.abs(values[i]! - sum / length) < SINGLE));
    }),
  );
});

it('gives rows that do not depend on how texts are batched', () => {
  const text = fc.array(fc.constantFrom('red', 'shoe', 'hat', '红', '😀', 'a'), { maxLength: 6 });
  fc.assert(
    fc.property(fc.array(text, { minLength: 1, maxLength: 8 }), (lines) => {
      const all = lines.map((line) => line.join(' '));
      const transform = hashingTransformer({ analyzer: 'words', ngrams: [1, 2], buckets: 8 });
      const whole = transform(all);
      const parts = all.map((line) => transform([line]));
      assert.deepEqual(
        parts.flatMap(({ indices }) => [...indices]),
        [...whole.indices],
      );
      assert.deepEqual(
        parts.flatMap(({ values }) => [...values]),
        [...whole.values],
      );
    }),
  );
});

it('reads half a surrogate pair as the mark of what can not be read', () => {
  const transform = hashingTransformer({ ...words, analyzer: 'characters' });
  assert.deepEqual([...transform(['\ud83d']).indices], [bucketOf('\ufffd', words.buckets).bucket]);
});
