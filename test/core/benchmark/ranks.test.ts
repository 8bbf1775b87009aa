import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { concordance, deviation, meanOrNull, ranksFromHighest } from '../../../core/benchmark/ranks.js';

describe('ranks', () => {
  const cases = [
    { name: 'the highest value is first', values: [0.2, 0.9, 0.5], want: [3, 1, 2] },
    { name: 'equal values share their mean rank', values: [0.5, 0.5, 0.1, 0.9], want: [2.5, 2.5, 4, 1] },
    { name: 'a single value is first', values: [0.3], want: [1] },
  ];
  for (const { name, values, want } of cases) {
    it(name, () => assert.deepEqual(ranksFromHighest(values), want));
  }

  it('judges who agree have a concordance of 1', () => {
    // totals 2, 4, 6 about 4: Σ squares 8; 12·8 / (2²·(27 − 3)) = 1
    assert.equal(
      concordance([
        [1, 2, 3],
        [1, 2, 3],
      ]),
      1,
    );
  });

  it('two judges who contradict each other have none', () => {
    assert.equal(
      concordance([
        [1, 2, 3],
        [3, 2, 1],
      ]),
      0,
    );
  });

  it('one judge, or one thing, tells nothing', () => {
    assert.equal(concordance([[1, 2, 3]]), null);
    assert.equal(concordance([[1], [1]]), null);
  });

  it('a deviation needs two values', () => {
    assert.equal(deviation([3]), null);
    assert.equal(deviation([1, 3]), Math.SQRT2); // √((1 + 1)/1)
    assert.equal(meanOrNull([]), null);
  });
});
