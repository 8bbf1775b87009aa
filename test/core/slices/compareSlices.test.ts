import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { compareSlices } from '../../../core/slices/compareSlices.js';

describe('compareSlices', () => {
  const columns = [
    { name: 'kind', values: ['a', 'a', 'a', 'a', 'b', 'b', 'b', 'b'], kind: 'categorical' as const },
  ];

  it('gives both means, and a paired margin', () => {
    const [first, second] = compareSlices(
      { columns, minSupport: 2, pairs: false },
      { uniform: Float64Array.of(0, 1, 0, 1, 1, 1, 1, 1), weighted: Float64Array.of(1, 1, 0, 1, 0, 0, 1, 1) },
    );
    // b: differences −1 −1 0 0: mean −½, s² = 4·¼/3 = ⅓, margin 1.96·√(⅓/4)
    assert.deepEqual(
      { ...first, margin: 0 },
      { name: 'kind = b', support: 4, uniform: 1, weighted: 0.5, margin: 0 },
    );
    assert.ok(Math.abs(first!.margin - 1.96 * Math.sqrt(1 / 12)) < 1e-12);
    // a: differences 1 0 0 0: s² = (9/16 + 3/16)/3 = ¼
    assert.equal(second!.name, 'kind = a');
    assert.ok(Math.abs(second!.margin - 1.96 * Math.sqrt(1 / 16)) < 1e-12);
  });

  it('puts the weakest first, the larger of equals first', () => {
    const values = ['a', 'a', 'b', 'b', 'b', 'c', 'c'];
    const merits = Float64Array.of(1, 1, 0, 0, 0, 0, 0);
    const found = compareSlices(
      { columns: [{ name: 'kind', values, kind: 'categorical' }], minSupport: 2, pairs: false },
      { uniform: merits, weighted: merits },
    );
    assert.deepEqual(
      found.map(({ name }) => name).filter((name) => name.includes('=')),
      ['kind = b', 'kind = c', 'kind = a'],
    );
    assert.ok(found.every(({ margin }) => margin === 0));
  });
});
