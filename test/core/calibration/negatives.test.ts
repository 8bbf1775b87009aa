import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { keptNegatives, negativesShift, recalibrated } from '../../../core/calibration/negatives.js';

const ids = (n: number): string[] => Array.from({ length: n }, (_, i) => `row ${i}`);

describe('negative down-sampling', () => {
  it('keeps all positives and about the share of the negatives', () => {
    const targets = Int32Array.from({ length: 10_000 }, (_, i) => Number(i % 10 === 0));
    const kept = keptNegatives(targets, ids(10_000), 0.2, 42);
    const positives = kept.filter((row) => targets[row] === 1).length;
    assert.equal(positives, 1_000);
    assert.ok(Math.abs((kept.length - positives) / 9_000 - 0.2) < 0.02);
  });

  it('keeps the same row whatever stands beside it, and another one by another seed', () => {
    const targets = new Int32Array(1_000);
    const few = keptNegatives(targets, ids(1_000), 0.1, 42);
    const shifted = keptNegatives(targets, ids(1_001).slice(1), 0.1, 42);
    assert.deepEqual(
      [...shifted].map((row) => row + 1).filter((row) => row < 1_000),
      [...few].filter((row) => row > 0),
    );
    assert.notDeepEqual([...keptNegatives(targets, ids(1_000), 0.1, 43)], [...few]);
  });

  it('keeps more rows at a larger share, the old ones among them', () => {
    const targets = new Int32Array(500);
    const more = new Set(keptNegatives(targets, ids(500), 0.5, 1));
    for (const row of keptNegatives(targets, ids(500), 0.1, 1)) assert.ok(more.has(row));
    assert.equal(keptNegatives(targets, ids(500), 1, 1).length, 500);
  });

  it('is undone by q = p / (p + (1 − p)/w): 2% clicks, a tenth of the negatives', () => {
    // 2 clicks and 98 others become 2 and 9.8: p = 2 / 11.8. Back: 2 / 100.
    assert.ok(Math.abs(recalibrated(2 / 11.8, 0.1) - 0.02) < 1e-15);
  });

  it('is undone by the shift of the log-odds alike, for any probability and share', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1e-6, max: 1 - 1e-6, noNaN: true }),
        fc.double({ min: 1e-4, max: 1, noNaN: true }),
        (p, share) => {
          const shifted = Math.log(p / (1 - p)) + negativesShift(share);
          assert.ok(Math.abs(1 / (1 + Math.exp(-shifted)) - recalibrated(p, share)) < 1e-9);
          assert.ok(Math.abs(recalibrated(p, share) - p / (p + (1 - p) / share)) < 1e-12);
        },
      ),
    );
  });

  it('changes neither certainty nor, at share 1, anything', () => {
    assert.deepEqual([recalibrated(0, 0.1), recalibrated(1, 0.1), recalibrated(0.3, 1)], [0, 1, 0.3]);
  });

  it('refuses a share that is none', () => {
    for (const share of [0, -1, 1.1, NaN]) {
      assert.throws(() => negativesShift(share), /share above 0 and at most 1/);
      assert.throws(() => keptNegatives([0], ['a'], share, 1), /share above 0/);
    }
  });
});
