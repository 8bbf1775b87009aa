import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  estimatorByName,
  estimators,
  scoreSamples,
  type Evidence,
  type ImportanceEstimator,
} from '../../core/importance/index.js';
import { rocAuc } from '../../core/metrics/index.js';
import { seeded } from '../../core/random.js';
import { CLASSES, degenerate, permuted, planted } from './plantedEvidence.js';

const every: readonly ImportanceEstimator[] = estimators;
const sample = planted(1, 400);
const order = seeded(3).shuffle(Int32Array.from({ length: 400 }, (_, i) => i));
const reordered = permuted(sample, order);

it('no two estimators share a name', () => {
  assert.equal(new Set(every.map(({ name }) => name)).size, every.length);
});

for (const estimator of every) {
  describe(`estimator ${estimator.name}`, () => {
    const score = (of: Evidence, seed = 7): Float64Array =>
      scoreSamples(estimator, of, { random: seeded(seed) });
    const scores = score(sample);

    it('is found by its name', () => assert.equal(estimatorByName(estimator.name), estimator));

    it('says what it computes, what it costs, and when to use it', () => {
      for (const [note, text] of Object.entries(estimator.notes)) assert.ok(text.length > 0, note);
    });

    it('gives one finite score a sample', () => {
      assert.equal(scores.length, 400);
      assert.ok(scores.every(Number.isFinite));
    });

    it('gives the same scores for the same seed, and leaves its evidence as it was', () => {
      const before = structuredClone(sample);
      assert.deepEqual(score(sample), scores);
      assert.deepEqual(sample, before);
    });

    it('takes no sample at all', () => assert.equal(score(planted(1, 0)).length, 0));

    it('gives finite scores where the model is certain and wrong, and features are equal', () => {
      assert.ok(score(degenerate()).every(Number.isFinite));
    });

    it('refuses parameters that it does not know', () => {
      assert.throws(() => scoreSamples(estimator, sample, { params: { bogus: 1 } }), {
        name: 'ConfigError',
        message: new RegExp(`${estimator.name}[^]*bogus`),
      });
    });

    if (estimator.requires.length > 0) {
      it('gives every sample its score whatever the order of the rows', () => {
        const spread = Math.max(...scores.map(Math.abs));
        score(reordered).forEach((value, place) => {
          const wanted = scores[order[place]!]!;
          assert.ok(Math.abs(value - wanted) <= 1e-7 * (1 + spread), `${value} is not ${wanted}`);
        });
      });

      it('refuses to score without the evidence that it requires', () => {
        assert.throws(() => score({ targets: Int32Array.of(0, 1), outputs: CLASSES }), {
          name: 'RangeError',
          message: new RegExp(`${estimator.name}.*evidence\\.`),
        });
      });
    }

    if (estimator.detectsLabelErrors) {
      it('ranks flipped labels low', () => {
        const suspicion = scores.map((value) => -value);
        const found = rocAuc(suspicion, sample.flipped);
        assert.ok(found > 0.85, `AUROC ${found}`);
      });
    }
  });
}
