import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { subsample } from '../../../core/tune/subsample.js';

const samples = (n: number) => ({
  ids: Array.from({ length: n }, (_, i) => `r${i}`),
  targets: Int32Array.from({ length: n }, (_, i) => (i % 10 === 0 ? 1 : 0)),
  groups: Int32Array.from({ length: n }, (_, i) => Math.floor(i / 4)),
});
const all = (n: number) => Int32Array.from({ length: n }, (_, i) => i);

describe('a share of the training rows', () => {
  it('keeps the shares of classes, at least one row of each', () => {
    const kept = subsample(samples(200), all(200), 0.25, 1, 'rows');
    assert.equal(kept.length, 50);
    assert.equal(kept.filter((row) => row % 10 === 0).length, 5);
    const few = subsample(samples(20), all(20), 0.1, 1, 'rows');
    assert.ok(few.some((row) => row % 10 === 0));
  });

  it('holds every smaller share of the same seed, ascending', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 120 }),
        fc.double({ min: 0.01, max: 1, noNaN: true }),
        fc.double({ min: 0.01, max: 1, noNaN: true }),
        fc.nat(),
        fc.constantFrom('rows' as const, 'groups' as const),
        (n, a, b, seed, whole) => {
          const small = subsample(samples(n), all(n), Math.min(a, b), seed, whole);
          const large = subsample(samples(n), all(n), Math.max(a, b), seed, whole);
          assert.ok(small.every((row) => large.includes(row)));
          assert.deepEqual(
            [...large],
            [...large].sort((x, y) => x - y),
          );
        },
      ),
    );
  });

  it('takes whole groups where a loss needs all rows of a query', () => {
    const kept = subsample(samples(80), all(80), 0.3, 5, 'groups');
    assert.equal(kept.length, 24); // 6 of 20 groups of 4
    const counts = new Map<number, number>();
    for (const row of kept) counts.set(Math.floor(row / 4), (counts.get(Math.floor(row / 4)) ?? 0) + 1);
    assert.deepEqual([...new Set(counts.values())], [4]);
  });

  it('is other rows for another seed, and all rows for a share of 1', () => {
    assert.notDeepEqual(
      subsample(samples(200), all(200), 0.25, 1, 'rows'),
      subsample(samples(200), all(200), 0.25, 2, 'rows'),
    );
    assert.deepEqual(subsample(samples(9), all(9), 1, 1, 'groups'), all(9));
  });
});
