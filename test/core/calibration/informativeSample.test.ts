import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { drawInformative } from '../../../core/calibration/informativeSample.js';
import { seeded } from '../../../core/random.js';

describe('a sample drawn by information', () => {
  it('has chances that add up to the wanted rows, none above 1, none at 0', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 60 }),
        fc.double({ min: 0.01, max: 1, noNaN: true }),
        (information, share) => {
          const { chances } = drawInformative(Float64Array.from(information), share, seeded(1));
          assert.ok(chances.every((chance) => chance > 0 && chance <= 1));
          const sum = chances.reduce((total, chance) => total + chance, 0);
          assert.ok(Math.abs(sum - share * information.length) < 1e-6 * information.length, `${sum}`);
        },
      ),
    );
  });

  it('prefers what tells more, and weighs it less', () => {
    const information = Float64Array.from({ length: 1_000 }, (_, i) => (i < 100 ? 1 : 0.01));
    const { rows, weights } = drawInformative(information, 0.2, seeded(2));
    const telling = rows.filter((row) => row < 100).length;
    assert.ok(telling > 90, `${telling} of 100`);
    const heaviest = weights.reduce((most, weight) => Math.max(most, weight), 0);
    assert.ok(weights[0]! < heaviest);
  });

  it('leaves sums unbiased: the mean of many estimates is the sum over all rows', () => {
    const random = seeded(3);
    const values = Float64Array.from({ length: 300 }, () => random.next());
    const truth = values.reduce((sum, value) => sum + value, 0);
    const estimates = Array.from({ length: 400 }, (_, seed) => {
      const { rows, weights } = drawInformative(
        values.map((value) => value ** 3),
        0.3,
        seeded(seed, 'ht'),
      );
      return rows.reduce((sum, row, i) => sum + weights[i]! * values[row]!, 0);
    });
    const mean = estimates.reduce((sum, value) => sum + value, 0) / estimates.length;
    const spread =
      Math.sqrt(estimates.reduce((sum, value) => sum + (value - mean) ** 2, 0)) / estimates.length;
    assert.ok(Math.abs(mean - truth) < 4 * spread, `${mean} for ${truth} ± ${spread}`);
  });

  it('takes all rows, each for itself, at share 1', () => {
    const { rows, weights } = drawInformative(Float64Array.of(0, 5, 1), 1, seeded(1));
    assert.deepEqual(
      [[...rows], [...weights]],
      [
        [0, 1, 2],
        [1, 1, 1],
      ],
    );
  });

  it('refuses wrong shares and information', () => {
    assert.throws(() => drawInformative(Float64Array.of(1), 0, seeded(1)), /share above 0/);
    assert.throws(() => drawInformative(Float64Array.of(1, -1), 0.5, seeded(1)), /information\[1\].*got -1/);
  });
});
