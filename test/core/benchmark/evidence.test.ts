import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { blended, meanLogProbabilities } from '../../../core/benchmark/blend.js';
import { evidenceMsOf, makeEvidence } from '../../../core/benchmark/evidence.js';
import type { TrialLearner } from '../../../core/benchmark/trial.js';
import { checkEvidence } from '../../../core/importance/evidence.js';
import { logSoftmaxRows } from '../../../core/probability.js';
import { rowsOf, signTrial, signVote } from './toyTrial.js';

const trial = signTrial(50, [3, 4, 5]);
/** Says that both classes are as likely: a log-loss of ln 2. */
const ignorant: TrialLearner = {
  name: 'ignorant',
  family: 'ignorance',
  fit: () => Promise.resolve((matrix) => new Float64Array(2 * matrix.rows)),
};
const clock = () => {
  let ms = 0;
  return () => (ms += 10);
};
const options = () => ({ folds: 5, seed: 1, now: clock() });

describe('evidence of a trial', () => {
  it('is out of fold: no row is predicted by a fit that saw it', async () => {
    const seen: number[] = [];
    const learner: TrialLearner = {
      ...signVote,
      fit: (side, outputs, weights) => {
        seen.push(side.targets.length);
        return signVote.fit(side, outputs, weights);
      },
    };
    const { evidence, fits } = await makeEvidence(trial, { ...options(), learners: [learner] });
    assert.equal(fits, 6); // and the descent
    assert.deepEqual(
      seen,
      [0, 1, 2, 3, 4].map((fold) => 50 - evidence.folds!.filter((one) => one === fold).length),
    );
    assert.ok(seen.every((rows) => rows < 50));
    checkEvidence(evidence);
  });

  it('comes from the learner with the lowest log-loss', async () => {
    const made = await makeEvidence(trial, { ...options(), learners: [ignorant, signVote] });
    assert.deepEqual(made.chosen, ['sign_vote']);
    assert.ok(made.logLoss < Math.LN2);
    const turned = await makeEvidence(trial, { ...options(), learners: [signVote, ignorant] });
    assert.deepEqual(turned.chosen, made.chosen);
    assert.deepEqual(turned.evidence.logits, made.evidence.logits);
  });

  it('comes from the mean of two families where that is better than either', async () => {
    const overconfident = (name: string, wrongRow: number): TrialLearner => ({
      name,
      family: name,
      fit: () =>
        Promise.resolve((matrix) =>
          Float64Array.from(
            rowsOf(matrix).flatMap(([x = 0, other = 0]) => {
              const sign = (x > 0 ? 1 : -1) * (other > 0 === (wrongRow === 0) ? 1 : 0.1);
              return [-4 * sign, 4 * sign];
            }),
          ),
        ),
    });
    const clean = signTrial(50, [3]);
    const learners = [overconfident('one', 0), overconfident('other', 1)];
    const made = await makeEvidence(clean, { ...options(), learners });
    assert.deepEqual(made.chosen, ['one', 'other']);
  });

  it('has dynamics and checkpoints that learn', async () => {
    const made = await makeEvidence(trial, { ...options(), learners: [signVote] });
    const { dynamics, checkpoints } = made.evidence;
    checkEvidence(made.evidence);
    assert.deepEqual([dynamics!.epochs, checkpoints!.length], [40, 8]);
    assert.deepEqual(made.wallMs, { outOfFold: 10, descent: 10 });
    const last = dynamics!.logits.subarray(39 * 100);
    const right = [...Array(50).keys()].filter(
      (row) => Number(last[2 * row + 1]! > last[2 * row]!) === row % 2,
    );
    assert.equal(right.length, 50); // the true classes, in spite of three wrong labels
  });

  it('costs an estimator what it requires', () => {
    const wallMs = { outOfFold: 100, descent: 7 };
    assert.equal(evidenceMsOf(['features', 'validation'], wallMs), 0);
    assert.equal(evidenceMsOf(['outOfFoldLogits'], wallMs), 100);
    assert.equal(evidenceMsOf(['outOfFoldLogits', 'trainingDynamics', 'checkpoints'], wallMs), 107);
  });
});

describe('several learners as one', () => {
  it('predict the mean of their log-probabilities', () => {
    const found = meanLogProbabilities([Float64Array.of(0, Math.log(3)), Float64Array.of(0, 0)], 2);
    // log ¼ and log ½: log √⅛; log ¾ and log ½: log √⅜
    assert.ok(Math.abs(found[0]! - Math.log(Math.sqrt(1 / 8))) < 1e-12);
    assert.ok(Math.abs(found[1]! - Math.log(Math.sqrt(3 / 8))) < 1e-12);
  });

  it('train on the same rows and weights', async () => {
    const { train, test } = signTrial(20, []);
    const weights = Float64Array.from(train.targets);
    const both = await blended([signVote, signVote]).fit(train, 2, weights);
    const alone = await signVote.fit(train, 2, weights);
    const expected = logSoftmaxRows(alone(test.matrix), 2);
    both(test.matrix).forEach((value, i) => assert.ok(Math.abs(value - expected[i]!) < 1e-12));
  });
});
