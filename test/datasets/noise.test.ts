import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import type { Split } from '../../contracts/prepared.js';
import { confusableClasses, plantNoise } from '../../datasets/noise.js';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

const n = 400;
const splits = Array.from({ length: n }, (_, i): Split =>
  i % 4 === 3 ? 'test' : i % 4 === 2 ? 'validation' : 'train',
);
const targets = Array.from({ length: n }, (_, i) => (i % 40 === 0 ? null : ['mug', 'cup', 'chair'][i % 3]!));
const texts = targets.map(
  (target) => ({ mug: 'tea coffee handle', cup: 'tea coffee saucer', chair: 'seat legs' })[target ?? 'mug'],
);
const input = { name: 'toy', targets, splits, texts: texts.map(String) };

describe('plantNoise', () => {
  for (const kind of ['uniform', 'pair'] as const) {
    it(`flips the rounded-down share of train and of validation, never test (${kind})`, () => {
      const { targets: noisy, flipped } = plantNoise(input, { rate: 0.2, kind, seed: 42 }, sha256);
      const of = (side: Split): number => flipped.filter((flip, i) => flip && splits[i] === side).length;
      // 200 train rows, 10 without target; 100 validation rows: ⌊0.2 × 190⌋ and ⌊0.2 × 100⌋
      assert.deepEqual([of('train'), of('validation'), of('test')], [38, 20, 0]);
      noisy.forEach((target, i) => assert.equal(target !== targets[i], flipped[i]));
    });
  }

  it('is another for another seed, the same for the same', () => {
    const plant = (seed: number) => plantNoise(input, { rate: 0.2, kind: 'uniform', seed }, sha256).targets;
    assert.deepEqual(plant(1), plant(1));
    assert.notDeepEqual(plant(1), plant(2));
  });

  it('takes the class with the most similar words as partner of a pair', () => {
    const partners = confusableClasses(input, ['chair', 'cup', 'mug']);
    assert.equal(partners.get('mug'), 'cup');
    assert.equal(partners.get('cup'), 'mug');
    const { targets: noisy, flipped } = plantNoise(input, { rate: 0.2, kind: 'pair', seed: 42 }, sha256);
    noisy.forEach((target, i) => {
      if (flipped[i]) assert.equal(target, partners.get(targets[i]!));
    });
  });
});
