import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Neighbours } from '../../../core/audit/neighbours.js';
import { testRowOrder } from '../../../core/audit/rowOrder.js';
import { seeded } from '../../../core/random.js';

const N = 200;
const apart = Int32Array.from({ length: N }, (_, row) => row); // no near-duplicates

/** One neighbour a row. */
const neighboursBy = (of: (row: number) => number): Neighbours => ({
  k: 1,
  rows: Int32Array.from({ length: N }, (_, row) => of(row)),
  distances: new Float64Array(N),
});

describe('testRowOrder', () => {
  it('finds a file in which alike rows stand next to each other', () => {
    const order = testRowOrder(
      neighboursBy((row) => (row === 0 ? 1 : row - 1)),
      apart,
      seeded(3),
    );
    assert.equal(order!.pValue, 1 / 200); // none of 199 random orders is as near
    assert.ok(order!.statistic > 0.9);
  });

  it('leaves a shuffled file alone', () => {
    const random = seeded(5);
    const order = testRowOrder(
      neighboursBy((row) => (row + 1 + random.below(N - 1)) % N),
      apart,
      seeded(3),
    );
    assert.ok(order!.pValue > 0.05, `p ${order!.pValue}`);
  });

  it('does not count near-duplicates as neighbours', () => {
    const pairs = apart.map((row) => Math.floor(row / 2));
    const twins = neighboursBy((row) => (row % 2 === 0 ? row + 1 : row - 1));
    assert.equal(testRowOrder(twins, pairs, seeded(3)), undefined);
  });
});
