import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { scoreGroups } from '../../../core/explain/scoreGroups.js';

describe('scoreGroups', () => {
  const scores = Float64Array.from({ length: 20 }, (_, i) => i + 1);
  const weights = Float64Array.from({ length: 20 }, (_, i) => (i < 10 ? 0.5 : 1.5));

  it('takes quantiles that occur, and the mean weight', () => {
    const [all] = scoreGroups([['all', [...scores.keys()]]], scores, weights);
    // ⌈0.05·20⌉ = 1st, 5th, 10th, 15th, 19th
    assert.deepEqual(all, { name: 'all', samples: 20, quantiles: [1, 5, 10, 15, 19], meanWeight: 1 });
  });

  it('puts the lowest median first, and leaves out what is empty', () => {
    const groups = scoreGroups(
      [
        ['high', [18, 19]],
        ['none', []],
        ['low', [0]],
      ],
      scores,
      weights,
    );
    assert.deepEqual(
      groups.map(({ name }) => name),
      ['low', 'high'],
    );
    assert.deepEqual(groups[0]!.quantiles, [1, 1, 1, 1, 1]);
  });
});
