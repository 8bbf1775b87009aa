import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { addFeatureNoise } from '../../../core/benchmark/featureNoise.js';
import { drawRows, spoil } from '../../../core/benchmark/protocol.js';
import { seeded } from '../../../core/random.js';
import { matrixOf, rowsOf, signTrial } from './toyTrial.js';

const size = { train: 6, validation: 2, test: 3 };

describe('the sides of a trial', () => {
  it('share no row, and have the sizes that were asked for', () => {
    const rows = drawRows('t', 12, size, seeded(1));
    assert.deepEqual([rows.train.length, rows.validation.length, rows.test.length], [6, 2, 3]);
    assert.equal(new Set([...rows.train, ...rows.validation, ...rows.test]).size, 11);
  });

  it('are the same for a seed and others for another', () => {
    const of = (seed: number) => drawRows('t', 100, size, seeded(seed));
    assert.deepEqual(of(1), of(1));
    assert.notDeepEqual(of(1), of(2));
  });

  it('need enough rows; the message says what to type', () => {
    assert.throws(() => drawRows('pets', 10, size, seeded(1)), {
      name: 'DataError',
      message: /pets: a trial takes 6 training, 2 validation and 3 test rows = 11, found 10 .*--size 5\/1\/2/,
    });
  });
});

describe('spoiling', () => {
  const clean = signTrial(40, []);

  for (const kind of ['uniform', 'pair', 'class', 'instance', 'features'] as const) {
    it(`${kind}: touches training and validation, never the test side`, () => {
      const spoilt = spoil('toy', clean, { kind, rate: 0.25 }, 7);
      assert.ok(Math.abs(spoilt.noisy.length - 10) <= 1); // class: 8/5 and 12/5 of 20, each rounded
      assert.deepEqual(spoilt.test, clean.test);
      assert.notDeepEqual(spoilt.train, clean.train);
      assert.notDeepEqual(spoilt.validation, clean.validation);
      assert.deepEqual(spoil('toy', clean, { kind, rate: 0.25 }, 7), spoilt);
      assert.notDeepEqual(spoil('other', clean, { kind, rate: 0.25 }, 7).noisy, spoilt.noisy);
    });
  }

  it('adds standard normal noise to all features of some rows, and leaves the others', () => {
    const before = Array.from({ length: 400 }, (_, row) => [row, 0, 1]);
    const { matrix, noisy } = addFeatureNoise(matrixOf(before), 0.5, seeded(1));
    const after = rowsOf(matrix);
    assert.equal(noisy.length, 200);
    const moves: number[] = [];
    after.forEach((row, i) => {
      if (noisy.includes(i)) moves.push(...row.map((value, j) => value - before[i]![j]!));
      else assert.deepEqual(row, before[i]);
    });
    const mean = moves.reduce((sum, move) => sum + move, 0) / 600;
    const variance = moves.reduce((sum, move) => sum + move ** 2, 0) / 600;
    assert.ok(Math.abs(mean) < 0.17, `mean ${mean}`); // four standard errors: 4/√600 = 0.163
    assert.ok(Math.abs(variance - 1) < 0.24, `variance ${variance}`); // 4·√(2/600) = 0.23
  });
});
