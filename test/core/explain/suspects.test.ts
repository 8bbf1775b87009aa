import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { suspectedLabels } from '../../../core/explain/suspects.js';

describe('suspectedLabels', () => {
  /** Ten rows of each of two classes that the model knows; `flipped` rows carry the other label. */
  const made = (flipped: readonly number[]) => {
    const targets = Int32Array.from({ length: 20 }, (_, row) => (row % 2) ^ (flipped.includes(row) ? 1 : 0));
    const probabilities = Float64Array.from({ length: 40 }, (_, i) => {
      const row = i >> 1;
      const sure = 0.9 + 0.004 * row;
      return i % 2 === row % 2 ? sure : 1 - sure;
    });
    return { targets, probabilities };
  };

  it('finds planted errors, the clearest first, with the label that fits', () => {
    const { targets, probabilities } = made([3, 14]);
    const found = suspectedLabels(probabilities, targets, 2);
    assert.deepEqual(
      found.map(({ place }) => place),
      [14, 3],
    );
    assert.deepEqual(
      found.map(({ suggested }) => suggested),
      [0, 1],
    );
    assert.ok(Math.abs(found[0]!.suggestedProbability - 0.956) < 1e-12);
    assert.ok(Math.abs(found[0]!.givenProbability - 0.044) < 1e-12);
  });

  it('finds none where models agree with the labels', () => {
    const { targets, probabilities } = made([]);
    assert.deepEqual(suspectedLabels(probabilities, targets, 2), []);
  });
});
