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

const CLASSES = 4;

/** Samples that a decent model saw out of fold, a fifth of them with a flipped label. */
function planted(
  seed: number,
  n: number,
): Evidence & { logits: Float64Array; folds: Int32Array; flipped: Uint8Array } {
  const random = seeded(seed, 'planted');
  const flipped = new Uint8Array(n);
  const logits = Float64Array.from({ length: n * CLASSES }, () => random.normal());
  const targets = Int32Array.from({ length: n }, (_, i) => {
    const truth = random.below(CLASSES);
    logits[i * CLASSES + truth]! += 2.5;
    flipped[i] = random.next() < 0.2 ? 1 : 0;
    return flipped[i] ? (truth + 1 + random.below(CLASSES - 1)) % CLASSES : truth;
  });
  const folds = Int32Array.from({ length: n }, () => random.below(5));
  return { targets, outputs: CLASSES, logits, folds, flipped };
}

function permuted(evidence: ReturnType<typeof planted>, order: Int32Array): Evidence {
  return {
    targets: order.map((row) => evidence.targets[row]!),
    outputs: CLASSES,
    logits: Float64Array.from(
      [...order].flatMap((row) => [...evidence.logits.subarray(row * CLASSES, (row + 1) * CLASSES)]),
    ),
    folds: order.map((row) => evidence.folds[row]!),
  };
}

const every: readonly ImportanceEstimator[] = estimators;
for (const estimator of every) {
  describe(`estimator ${estimator.name}`, () => {
    const evidence = planted(1, 400);
    const score = (of: Evidence, seed = 7): Float64Array =>
      scoreSamples(estimator, of, { random: seeded(seed) });

    it('is found by its name', () => assert.equal(estimatorByName(estimator.name), estimator));

    it('gives one finite score a sample', () => {
      const scores = score(evidence);
      assert.equal(scores.length, 400);
      assert.ok(scores.every(Number.isFinite));
    });

    it('gives the same scores for the same seed', () => assert.deepEqual(score(evidence), score(evidence)));

    it('leaves its evidence as it was', () => {
      const before = structuredClone(evidence);
      score(evidence);
      assert.deepEqual(evidence, before);
    });

    it('takes no sample at all', () => {
      const none = { targets: new Int32Array(), outputs: CLASSES, logits: new Float64Array() };
      assert.equal(score(none).length, 0);
    });

    it('gives finite scores where the model is certain and wrong', () => {
      const certain = {
        targets: Int32Array.of(0, 1, 1),
        outputs: 2,
        logits: Float64Array.of(-1e9, 0, 0, -Infinity, -5, 5),
      };
      assert.ok(score(certain).every(Number.isFinite));
    });

    it('refuses parameters that it does not know', () => {
      assert.throws(() => scoreSamples(estimator, evidence, { params: { bogus: 1 } }), {
        name: 'ConfigError',
        message: new RegExp(`${estimator.name}[^]*bogus`),
      });
    });

    if (estimator.requires.length > 0) {
      it('gives every sample its score whatever the order of the rows', () => {
        const order = seeded(3).shuffle(Int32Array.from({ length: 400 }, (_, i) => i));
        const scores = score(evidence);
        score(permuted(evidence, order)).forEach((value, place) => {
          assert.ok(Math.abs(value - scores[order[place]!]!) < 1e-12);
        });
      });

      it('refuses to score without the evidence that it requires', () => {
        assert.throws(() => score({ targets: Int32Array.of(0, 1), outputs: 2 }), {
          name: 'RangeError',
          message: new RegExp(`${estimator.name}.*logits`),
        });
      });
    }

    const auroc = (): number =>
      rocAuc(
        score(evidence).map((value) => -value),
        evidence.flipped,
      );
    if (estimator.detectsLabelErrors) {
      it('ranks flipped labels low', () => assert.ok(auroc() > 0.9, `AUROC ${auroc()}`));
    } else {
      it('does not claim to find flipped labels, and does not', () =>
        assert.ok(auroc() < 0.6, `AUROC ${auroc()}`));
    }
  });
}
