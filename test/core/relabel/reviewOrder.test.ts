import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { putRight, REVIEW_ORDERS, reviewOrder } from '../../../core/relabel/reviewOrder.js';

/** Four rows of two classes, all given the first: p(given) about 1, 0, ½ and ¼. */
const evidence = {
  targets: Int32Array.of(0, 0, 0, 0),
  outputs: 2,
  logits: Float64Array.of(9, 0, 0, 9, 0, 0, 0, Math.log(3)),
};

describe('the order of a review', () => {
  it('begins with the rows whose given label is least believed', () => {
    assert.deepEqual([...reviewOrder('self_confidence', evidence, 1)], [1, 3, 2, 0]);
  });
  for (const order of REVIEW_ORDERS) {
    it(`by ${order} has every row once, the same for the same seed`, () => {
      const found = [...reviewOrder(order, evidence, 1)];
      assert.deepEqual([...found].sort(), [0, 1, 2, 3]);
      assert.deepEqual([...reviewOrder(order, evidence, 1)], found);
    });
  }
  it('can not be made by what needs more than out-of-fold logits, or is no order', () => {
    for (const order of ['knn_shapley', 'entropy_ig', 'self_confidnce']) {
      assert.throws(() => reviewOrder(order, evidence, 1), /--order: expected score \| pvi/);
    }
  });
});

it('putting labels right changes the rows that were checked, and a copy', () => {
  const given = Int32Array.of(0, 1, 2);
  assert.deepEqual([...putRight(given, Int32Array.of(5, 6, 7), [0, 2])], [5, 1, 7]);
  assert.deepEqual([...given], [0, 1, 2]);
});
