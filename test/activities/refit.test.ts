import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createRefit, type RefitGround } from '../../activities/refit.js';
import { seeded } from '../../core/random.js';
import { classification } from '../../core/tasks/classification.js';

const N = 240;
/** A row has one of 12 features; the first six mean class 0. Half train, a quarter each judges. */
function ground(): RefitGround {
  const random = seeded(4, 'refit');
  const feature = Int32Array.from({ length: N }, () => random.below(12));
  const rows = (from: number, to: number): Int32Array =>
    Int32Array.from({ length: to - from }, (_, i) => from + i);
  return {
    features: {
      rows: N,
      cols: 12,
      indptr: Int32Array.from({ length: N + 1 }, (_, i) => i),
      indices: feature,
      values: new Float32Array(N).fill(1),
    },
    truth: feature.map((f) => (f < 6 ? 0 : 1)),
    outputs: 2,
    groups: feature,
    training: rows(0, 120),
    validation: rows(120, 180),
    test: rows(180, 240),
    task: classification,
    metric: 'accuracy',
    strengths: [1, 16],
  };
}

describe('training with other labels', () => {
  it('gets all right with the true ones, and all wrong with their opposites', async () => {
    const given = ground();
    const refit = createRefit(given);
    assert.equal((await refit(given.truth)).value, 1);
    assert.equal((await refit(given.truth.map((label) => 1 - label))).value, 0);
  });
  it('ends at the same place wherever it began', async () => {
    const given = ground();
    const noisy = given.truth.map((label, row) => (row % 4 === 0 ? 1 - label : label));
    const refit = createRefit(given);
    await refit(given.truth.map((label) => 1 - label));
    assert.deepEqual(await refit(noisy), await createRefit(given)(noisy));
  });
});
