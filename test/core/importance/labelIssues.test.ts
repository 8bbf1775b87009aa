import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findLabelIssues } from '../../../core/importance/index.js';
import { LABEL_ISSUE_FILTERS } from '../../../core/importance/labelIssues.js';
import { softmaxRows } from '../../../core/probability.js';
import { seeded } from '../../../core/random.js';

describe('label issues', () => {
  it('are none where every prediction agrees with its label', () => {
    const probabilities = Float64Array.of(0.9, 0.1, 0.8, 0.2, 0.2, 0.8);
    assert.deepEqual([...findLabelIssues(probabilities, Int32Array.of(0, 0, 1), 2)], [0, 0, 0]);
  });

  it('survive a class without samples', () => {
    const probabilities = Float64Array.of(0.9, 0.1, 0, 0.1, 0.9, 0, 0.95, 0.05, 0, 0.05, 0.95, 0);
    const mask = findLabelIssues(probabilities, Int32Array.of(0, 1, 0, 1), 3);
    assert.deepEqual([...mask], [0, 0, 0, 0]);
  });

  it('keep one sample of every class', () => {
    // Both samples of class 1 look like class 0: one of them may go, not both.
    const probabilities = Float64Array.of(0.9, 0.1, 0.9, 0.1, 0.9, 0.1, 0.9, 0.1, 0.8, 0.2);
    const mask = findLabelIssues(probabilities, Int32Array.of(0, 0, 0, 1, 1), 2);
    assert.ok(mask[3]! + mask[4]! <= 1);
  });
});

it('label issues are the same of single precision, where no probability is near another', () => {
  const random = seeded(1);
  const targets = Int32Array.from({ length: 300 }, () => random.below(3));
  const logits = Float64Array.from(
    { length: 900 },
    (_, i) => random.normal() + (i % 3 === targets[Math.floor(i / 3)] ? 2 : 0),
  );
  const probabilities = softmaxRows(logits, 3);
  for (const filterBy of LABEL_ISSUE_FILTERS) {
    const flagged = findLabelIssues(Float32Array.from(probabilities), targets, 3, { filterBy });
    assert.deepEqual(flagged, findLabelIssues(probabilities, targets, 3, { filterBy }));
    assert.ok(flagged.includes(1));
  }
});
