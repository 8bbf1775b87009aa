import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { argsort } from '../../core/argsort.js';
import { seeded } from '../../core/random.js';

const plain = (values: Float64Array): Int32Array =>
  Int32Array.from(values.keys()).sort((a, b) => {
    const [x, y] = [values[a]!, values[b]!];
    if (Number.isNaN(x) || Number.isNaN(y)) return Number(Number.isNaN(x)) - Number(Number.isNaN(y)) || a - b;
    return x - y || a - b;
  });

describe('argsort', () => {
  it('orders as a stable comparison does, whatever the numbers', () => {
    const numbers = fc.oneof(
      fc.double(),
      fc.integer({ min: -3, max: 3 }),
      fc.constantFrom(-0, 0, NaN, Infinity),
    );
    fc.assert(
      fc.property(fc.array(numbers, { maxLength: 300 }), (list) => {
        const values = Float64Array.from(list);
        assert.deepEqual(argsort(values), plain(values));
      }),
    );
  });

  const random = seeded(1, 'argsort');
  const cases = {
    'numbers about 0': () => random.normal(),
    'few values': () => random.below(5),
    'neighbours that differ in their last bits': () => 1 + random.below(1 << 20) * 2 ** -52,
    'negative ones of the kind': () => -1 - random.below(1 << 20) * 2 ** -52,
    'many magnitudes': () => random.normal() * 10 ** (random.below(40) - 20),
  };
  for (const [name, draw] of Object.entries(cases)) {
    it(`orders a long list: ${name}`, () => {
      const values = Float64Array.from({ length: 5000 }, draw);
      assert.deepEqual(argsort(values), plain(values));
    });
  }
});
