import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { conflicts, nearDuplicateClusters } from '../../../core/duplicates/nearDuplicates.js';

const clusters = (texts: string[], threshold = 0.8): number[] => [...nearDuplicateClusters(texts, threshold)];

describe('near-duplicate clusters', () => {
  const cases = [
    { name: 'equal texts', texts: ['red rug', 'blue rug', 'red rug'], want: [0, 1, 0] },
    { name: 'case, width and white space', texts: ['Red  Rug ', 'red rug', 'ＲＥＤ rug'], want: [0, 0, 0] },
    { name: 'texts shorter than a gram', texts: ['ab', 'ab', 'abc', 'a'], want: [0, 0, 1, 2] },
    { name: 'empty texts, which are alike to none', texts: ['', ' ', 'x'], want: [0, 1, 2] },
    {
      // 18 characters, 14 grams, against 15 grams with those 14 in them: 14/15 > 0.8
      name: 'one letter more at the end',
      texts: ['apple iphone 8 64gb', 'apple iphone 8 64gbs', 'samsung galaxy s9'],
      want: [0, 0, 1],
    },
    {
      // one changed letter in the middle changes five grams: 10 shared of 20
      name: 'one letter changed in a short text, which is too much',
      texts: ['apple iphone 8 64gb', 'apple iphane 8 64gb'],
      want: [0, 1],
    },
    {
      name: 'Chinese',
      texts: ['这个商品质量非常好我很喜欢', '这个商品质量非常好我很喜欢。', '太差了'],
      want: [0, 0, 1],
    },
  ];
  for (const { name, texts, want } of cases) it(`of ${name}`, () => assert.deepEqual(clusters(texts), want));

  it('agree with comparing every pair', () => {
    const word = fc.constantFrom('red', 'blue', 'rug', 'wool', 'large', 'small');
    const text = fc.array(word, { minLength: 1, maxLength: 7 }).map((words) => words.join(' '));
    fc.assert(
      fc.property(fc.array(text, { maxLength: 25 }), fc.constantFrom(0.5, 0.7, 0.9), (texts, threshold) => {
        assert.deepEqual(clusters(texts, threshold), bruteForce(texts, threshold));
      }),
    );
  });

  it('say what to do where there are more texts than can be compared', () => {
    const texts = ['oak table', 'wool rug', 'desk lamp'];
    assert.throws(
      () => nearDuplicateClusters(texts, 0.9, 2),
      /near-duplicates: 3 distinct texts are too many .* threshold: 1 .* enabled: false/,
    );
    assert.deepEqual([...nearDuplicateClusters(texts, 1, 2)], [0, 1, 2]);
  });

  it('refuse a threshold outside (0, 1]', () => {
    assert.throws(() => clusters(['a'], 0), RangeError);
  });
});

it('conflicts are clusters with two targets, and rows without a target do not count', () => {
  const found = conflicts(Int32Array.from([0, 0, 1, 1, 2, 2]), Int32Array.from([3, 1, 2, 2, 1, -1]));
  assert.deepEqual(found, [{ cluster: 0, rows: [0, 1], targets: [1, 3] }]);
});

function bruteForce(texts: string[], threshold: number): number[] {
  const grams = texts.map((text) => {
    const starts = Array.from({ length: Math.max(1, text.length - 4) }, (_, i) => text.slice(i, i + 5));
    return new Set(starts);
  });
  const label = texts.map((_, i) => i);
  for (let i = 0; i < texts.length; i++) {
    for (let j = 0; j < i; j++) {
      const shared = [...grams[i]!].filter((gram) => grams[j]!.has(gram)).length;
      if (shared < threshold * (grams[i]!.size + grams[j]!.size - shared) - 1e-9) continue;
      const [from, to] = [label[i]!, label[j]!];
      label.forEach((value, k) => (label[k] = value === from ? to : value));
    }
  }
  const dense = new Map<number, number>();
  return label.map((value) => {
    if (!dense.has(value)) dense.set(value, dense.size);
    return dense.get(value)!;
  });
}
