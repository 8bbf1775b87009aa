import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { forEachSmallest, sortingOrder } from '../../../core/importance/sortingOrder.js';

const values = fc
  .array(fc.oneof(fc.integer({ min: 0, max: 4 }), fc.double({ noNaN: true })), { maxLength: 200 })
  .map((list) => Float64Array.from(list));

describe('sorting order', () => {
  it('puts values in ascending order and loses none', () => {
    fc.assert(
      fc.property(values, (given) => {
        const order = sortingOrder(given);
        assert.deepEqual(
          [...order].toSorted((a, b) => a - b),
          [...given.keys()],
        );
        assert.deepEqual(
          Array.from(order, (place) => given[place]! + 0),
          [...given].toSorted((a, b) => a - b).map((value) => value + 0),
        );
      }),
    );
  });

  // numpy 1.26.4 with AVX-512: np.argsort([...]).tolist()
  const cases = [
    { given: [1, 0, 0, 1, 0], want: [1, 2, 4, 0, 3] },
    { given: [0, 0, 0, 0, 1, 1, 1, 1, 0, 0], want: [0, 1, 2, 3, 9, 8, 4, 5, 7, 6] },
    { given: [2, 1, 2, 1, 2, 1, 0, 0, 1, 2, 0, 1, 2], want: [6, 7, 10, 1, 5, 11, 8, 3, 4, 2, 0, 9, 12] },
  ];
  for (const { given, want } of cases) {
    it(`orders equal values as numpy with AVX-512: ${given.join(' ')}`, () =>
      assert.deepEqual([...sortingOrder(Float64Array.from(given))], want));
  }

  it('leaves equal values of a long array in their places', () => {
    assert.deepEqual([...sortingOrder(new Float64Array(70))], [...Array(70).keys()]);
  });
});

it('the smallest values are the first of the sorting order', () => {
  fc.assert(
    fc.property(values, fc.nat({ max: 220 }), (given, count) => {
      const marked: number[] = [];
      forEachSmallest(given, count, (place) => marked.push(place));
      assert.deepEqual(new Set(marked), new Set(sortingOrder(given).subarray(0, count)));
    }),
  );
});
