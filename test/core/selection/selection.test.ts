import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { chi2 } from '../../../core/selection/chi2.js';
import { selectFeatures } from '../../../core/selection/index.js';
import { mutualInformation } from '../../../core/selection/mutualInformation.js';
import { cases, inputOf, sparse } from '../reduction/scikitLearn.js';

/** Values are stored in single precision. */
const SINGLE = 1e-5;

for (const wanted of cases) {
  describe(`scikit-learn on ${wanted.name}`, () => {
    it('has the same χ²', () => {
      chi2.scores(inputOf(wanted)).forEach((score, i) => {
        const want = wanted.chi2[i]!;
        assert.ok(
          Math.abs(score - want) <= SINGLE * Math.max(1, want),
          `feature ${i}: ${score} is not ${want}`,
        );
      });
    });
    it('has the same mutual information', () => {
      mutualInformation.scores(inputOf(wanted)).forEach((score, i) => {
        const want = wanted.mutual_info[i]!;
        assert.ok(Math.abs(score - want) <= 1e-10, `feature ${i}: ${score} is not ${want}`);
      });
    });
  });
}

describe('by hand', () => {
  // Four rows, two of each class. Feature 0 is the class, feature 1 is everywhere, feature 2 is in one row of each.
  const input = {
    matrix: sparse([
      [1, 1, 1],
      [1, 1, 0],
      [0, 1, 1],
      [0, 1, 0],
    ]),
    targets: Int32Array.of(0, 0, 1, 1),
    outputs: 2,
  };
  it('a word that is the class gives ln 2 nats, one that tells nothing gives none', () => {
    const [own, everywhere, either] = mutualInformation.scores(input);
    assert.ok(Math.abs(own! - Math.LN2) < 1e-15);
    assert.equal(everywhere, 0);
    assert.equal(either, 0);
  });
  it('χ² of a word that is the class: (2 − 1)²/1 + (0 − 1)²/1 = 2', () => {
    assert.deepEqual([...chi2.scores(input)], [2, 0, 0]);
  });
  it('keeps the most telling, of equals the first, and whatever may not be left out', () => {
    const all = Uint8Array.of(1, 1, 1);
    const kept = (selectable: Uint8Array, features: number) => [
      ...selectFeatures(input, selectable, { method: 'chi2', features }).kept,
    ];
    assert.deepEqual(kept(all, 1), [0]);
    assert.deepEqual(kept(all, 2), [0, 1]);
    assert.deepEqual(kept(Uint8Array.of(1, 1, 0), 1), [0, 2]);
    assert.deepEqual(kept(all, 9), [0, 1, 2]);
  });
});
