import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { clickMasses, examinationAt, examinedMasses } from '../../../core/counterfactual/examination.js';
import { seeded } from '../../../core/random.js';

describe('examination', () => {
  it('falls with the place, the faster the larger η', () => {
    assert.deepEqual(
      [1, 2, 4].map((place) => examinationAt(place)),
      [1, 0.5, 0.25],
    );
    assert.equal(examinationAt(4, 0.5), 0.5);
    assert.equal(examinationAt(9, 0), 1);
  });
});

// Item 3: clicked at place 1 and seen at place 2; item 8: clicked at place 2 (looked at with chance 1/2), seen three times.
const log = {
  items: [3, 8, 3, 8, 8, 8],
  clicks: [1, 1, 0, 0, 0, 0],
  examination: [1, 0.5, 0.5, 1, 1, 1],
};

describe('masses of items', () => {
  it('count clicks and the rest where nothing is corrected', () => {
    const { items, shown, positive, negative } = clickMasses(log);
    assert.deepEqual(
      [[...items], [...shown]],
      [
        [3, 8],
        [2, 4],
      ],
    );
    assert.deepEqual(
      [[...positive], [...negative]],
      [
        [1, 1],
        [1, 3],
      ],
    );
  });

  it('count a click for 1/θ positives, taken from the negatives', () => {
    const { positive, negative } = examinedMasses(log);
    assert.deepEqual(
      [[...positive], [...negative]],
      [
        [1, 2],
        [1, 2],
      ],
    );
  });

  it('never have a negative rest', () => {
    const { positive, negative } = examinedMasses({ items: [0], clicks: [1], examination: [0.1] });
    assert.deepEqual([[...positive], [...negative]], [[10], [0]]);
  });

  it('bound what a click counts by a floor', () => {
    assert.deepEqual(
      [...examinedMasses({ items: [0], clicks: [1], examination: [0.1] }, 0.25).positive],
      [4],
    );
  });

  it('weigh impressions: weight 0 is an impression that never was', () => {
    const { positive, negative } = examinedMasses({ ...log, weights: [0, 1, 1, 0, 1, 2] });
    assert.deepEqual(
      [[...positive], [...negative]],
      [
        [0, 2],
        [1, 2],
      ],
    );
  });

  it('add up to the truth of a position-based log, where clicks alone fall short', () => {
    const random = seeded(1, 'examined');
    const places = Array.from({ length: 50_000 }, () => 1 + random.below(10));
    const examination = places.map((place) => examinationAt(place));
    const clicks = examination.map((chance) => Number(random.next() < 0.4 * chance));
    const simulated = { items: new Int32Array(places.length), clicks, examination };
    const share = (positive: Float64Array): number => positive[0]! / places.length;
    assert.ok(Math.abs(share(examinedMasses(simulated).positive) - 0.4) < 0.02);
    assert.ok(share(clickMasses(simulated).positive) < 0.2);
  });

  it('refuse lists of other lengths', () => {
    assert.throws(() => clickMasses({ ...log, clicks: [1] }), /expected 6 clicks.*got 1, 6 and none/);
  });
});
