import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { chooseRows, plantLabelNoise } from '../../../core/benchmark/labelNoise.js';
import { seeded } from '../../../core/random.js';
import { sideOf } from './toyTrial.js';

/** Classes on a line at 0, 1 and 5: 0 and 1 are each other's nearest, and 1 is nearest to 2. */
const line = (perClass: number) => {
  const targets = [0, 1, 2].flatMap((k) => new Array<number>(perClass).fill(k));
  return sideOf(
    targets.map((k) => [[0, 1, 5][k]!]),
    targets,
  );
};
const kinds = ['uniform', 'pair', 'class', 'instance'] as const;

describe('label noise', () => {
  for (const kind of kinds) {
    it(`${kind} flips 20% of each side, and says which rows`, () => {
      const sides = [line(100), line(20)];
      const planted = plantLabelNoise(sides, 3, kind, 0.2, seeded(5));
      assert.deepEqual(
        planted.map(({ noisy }) => noisy.length),
        [60, 12],
      );
      planted.forEach(({ targets, noisy }, s) => {
        const changed = [...targets.keys()].filter((row) => targets[row] !== sides[s]!.targets[row]);
        assert.deepEqual(changed, [...noisy]);
      });
    });
  }

  it('uniform shifts by 1 … K − 1: every wrong class is as likely', () => {
    const { targets } = plantLabelNoise([line(3000)], 3, 'uniform', 0.5, seeded(1))[0]!;
    const wrong = [1, 2].map((k) => targets.subarray(0, 3000).filter((target) => target === k).length);
    assert.ok(Math.abs(wrong[0]! - wrong[1]!) < 155, wrong.join(' ')); // a difference of 1500 coin flips: four standard deviations are 155
  });

  it('pair flips to the class with the nearest centroid', () => {
    const side = line(50);
    const { targets, noisy } = plantLabelNoise([side], 3, 'pair', 0.4, seeded(2))[0]!;
    for (const row of noisy) assert.equal(targets[row], [1, 0, 1][side.targets[row]!]);
  });

  it('class flips half to one and a half times the rate, by class', () => {
    const side = line(100);
    const { noisy } = plantLabelNoise([side], 3, 'class', 0.2, seeded(3))[0]!;
    const counts = [0, 1, 2].map((k) => noisy.filter((row) => side.targets[row] === k).length);
    assert.deepEqual(counts.sort(), [10, 20, 30]);
  });

  it('instance flips rows between two classes before others', () => {
    const targets = Array.from({ length: 400 }, (_, row) => row % 2);
    const isNear = (row: number): boolean => row % 4 < 2;
    const side = sideOf(
      targets.map((k, row) => [(2 * k - 1) * (isNear(row) ? 0.1 : 3)]),
      targets,
    );
    const { noisy } = plantLabelNoise([side], 2, 'instance', 0.2, seeded(4))[0]!;
    const near = noisy.filter(isNear).length;
    assert.equal(noisy.length, 80);
    assert.ok(near > 60, `${near} of 80 are near the other class`); // odds e² = 7.4 : 1
  });

  it('is the same for a seed, and never flips more rows than there are', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 99 }), fc.constantFrom(...kinds), (percent, kind) => {
        const once = plantLabelNoise([line(7)], 3, kind, percent / 100, seeded(percent));
        const again = plantLabelNoise([line(7)], 3, kind, percent / 100, seeded(percent));
        assert.deepEqual(once, again);
        assert.ok(once[0]!.noisy.every((row) => row >= 0 && row < 21));
      }),
      { numRuns: 40 },
    );
  });

  it('refuses a single class', () => {
    assert.throws(() => plantLabelNoise([line(2)], 1, 'uniform', 0.2, seeded(1)), /at least two classes/);
  });

  it('chooses round(rate · n) different rows', () => {
    const rows = chooseRows(11, 0.5, seeded(1)); // round(5.5) = 6
    assert.equal(new Set(rows).size, 6);
  });
});
