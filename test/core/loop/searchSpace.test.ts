import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { drawTrials, valueAt } from '../../../core/loop/searchSpace.js';
import type { SearchSpace } from '../../../contracts/tune.js';

const space: SearchSpace = {
  learningRate: { from: 1e-4, to: 1e-2, scale: 'log', integer: false },
  units: { from: 8, to: 64, scale: 'log', integer: true },
  optimizer: ['adamw', 'sgd'],
};

describe('values of a range', () => {
  const cases = [
    { name: 'the middle of a linear range', range: { from: 2, to: 6 }, place: 0.5, want: 4 },
    {
      name: 'the middle of a log range is the geometric mean',
      range: { from: 0.01, to: 1, scale: 'log' },
      place: 0.5,
      want: 0.1,
    },
    { name: 'the first third of 1, 2, 3', range: { from: 1, to: 3, integer: true }, place: 0.3, want: 1 },
    { name: 'the last third of 1, 2, 3', range: { from: 1, to: 3, integer: true }, place: 0.999, want: 3 },
  ] as const;
  for (const { name, range, place, want } of cases)
    it(name, () => assert.equal(valueAt({ scale: 'linear', integer: false, ...range }, place), want));

  it('stay between the ends, whole where that is asked', () => {
    fc.assert(
      fc.property(
        fc.record({
          from: fc.integer({ min: 1, max: 1000 }),
          width: fc.integer({ min: 1, max: 1000 }),
          scale: fc.constantFrom('linear' as const, 'log' as const),
          integer: fc.boolean(),
        }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        ({ from, width, ...how }, place) => {
          const value = valueAt({ from, to: from + width, ...how }, place);
          assert.ok(value >= from && value <= from + width, String(value));
          if (how.integer) assert.ok(Number.isInteger(value));
        },
      ),
    );
  });
});

describe('settings of trials', () => {
  it('are the same for the same seed, and trial n does not depend on how many follow', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 20 }), (seed, trials) => {
        const drawn = drawTrials(space, trials, seed);
        assert.deepEqual(drawn, drawTrials(space, 30, seed).slice(0, trials));
        assert.equal(drawn.length, trials);
      }),
    );
  });

  it('differ from each other and from the settings that are there', () => {
    const drawn = drawTrials({ a: [1, 2, 3], b: [true, false] }, 50, 7, { a: 2, b: true, c: 9 });
    assert.equal(drawn.length, 5); // 3 × 2 settings, one of them given
    assert.equal(new Set(drawn.map((one) => JSON.stringify(one))).size, 5);
    assert.ok(!drawn.some(({ a, b }) => a === 2 && b === true));
  });

  it('are evenly spread on a log scale', () => {
    const low = drawTrials(space, 200, 1).filter(({ learningRate }) => Number(learningRate) < 1e-3);
    assert.ok(low.length > 75 && low.length < 125, `${low.length} of 200 in the lower decade`);
  });
});
