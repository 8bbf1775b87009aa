import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { averagePrecision, precisionByRecall } from '../../../core/metrics/index.js';
import { RECALLS } from '../../../core/metrics/precisionRecall.js';

const at = (curve: Float64Array, recall: number): number => curve[Math.round(recall * (RECALLS - 1))]!;

describe('precisionByRecall', () => {
  it('is what one counts by hand', () => {
    // From the highest down: + − + − +  → (recall, precision) (⅓, 1) (⅔, ⅔) (1, 3/5)
    const curve = precisionByRecall([5, 4, 3, 2, 1], [1, 0, 1, 0, 1]);
    assert.equal(at(curve, 0), 1);
    assert.equal(at(curve, 0.325), 1);
    assert.equal(at(curve, 0.35), 2 / 3);
    assert.equal(at(curve, 0.65), 2 / 3);
    assert.equal(at(curve, 0.7), 3 / 5);
    assert.equal(at(curve, 1), 3 / 5);
  });

  it('takes a later, better threshold for a lower recall: − + + gives ⅔ everywhere', () => {
    assert.deepEqual([...precisionByRecall([3, 2, 1], [0, 1, 1])], new Array(RECALLS).fill(2 / 3));
  });

  const cases = [
    { name: 'a perfect ranking is 1 everywhere', scores: [4, 3, 2, 1], positives: [1, 1, 0, 0], want: 1 },
    {
      name: 'scores that are all the same give the share of positives',
      scores: [1, 1, 1, 1],
      positives: [1, 0, 0, 0],
      want: 0.25,
    },
    { name: 'without positives it is 0', scores: [2, 1], positives: [0, 0], want: 0 },
  ];
  for (const { name, scores, positives, want } of cases) {
    it(name, () =>
      assert.deepEqual([...precisionByRecall(scores, positives)], new Array(RECALLS).fill(want)),
    );
  }

  it('never rises with recall, and its mean is not below average precision by more than a step', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 20 }), fc.boolean()), { minLength: 1, maxLength: 60 }),
        (rows) => {
          const scores = rows.map(([score]) => score);
          const positives = rows.map(([, positive]) => positive);
          const curve = precisionByRecall(scores, positives);
          curve.forEach((value, i) => assert.ok(i === 0 || value <= curve[i - 1]!));
          const mean = curve.reduce((sum, value) => sum + value, 0) / RECALLS;
          assert.ok(mean >= averagePrecision(scores, positives) - 1 / (RECALLS - 1));
        },
      ),
    );
  });
});
