import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  judgeBaselines,
  judgeCurves,
  judgeDetection,
  judgeWeighting,
} from '../../../core/benchmark/judge.js';
import { signTrial, signVote } from './toyTrial.js';

describe('detection', () => {
  const cases = [
    {
      name: 'scores that put the noisy rows lowest',
      scores: [0, 0.1, 1, 1.1, 1.2],
      want: { twoMeansF1: 1, rocAuc: 1, averagePrecision: 1, recallAtNoisy: 1 },
    },
    {
      name: 'scores that put them highest', // the low cluster is {2, 3, 4}
      scores: [1, 1.1, 0, 0.1, 0.2],
      want: { twoMeansF1: 0, rocAuc: 0, averagePrecision: (1 / 4 + 2 / 5) / 2, recallAtNoisy: 0 },
    },
    {
      name: 'one of two found', // lowest first: 0, 2, 1, … ; the low cluster is {0, 2}
      scores: [0, 1, 0.1, 1.1, 1.2],
      want: { twoMeansF1: 0.5, rocAuc: 5 / 6, averagePrecision: (1 + 2 / 3) / 2, recallAtNoisy: 0.5 },
    },
  ];
  for (const { name, scores, want } of cases) {
    it(name, () => {
      const { discovery, ...found } = judgeDetection(Float64Array.from(scores), Int32Array.of(0, 1));
      assert.deepEqual(found, want);
      assert.equal(discovery[0], 0);
      assert.equal(discovery.at(-1), 1);
    });
  }
});

describe('retraining', () => {
  // 20 rows, those of class 0 are even. 6 of 10 labels of class 0 are wrong: the vote goes wrong there.
  const noisy = [0, 2, 4, 6, 8, 10];
  const trial = signTrial(20, noisy);
  const scores = Float64Array.from({ length: 20 }, (_, row) => (noisy.includes(row) ? -1 : 1) + row / 1000);
  const evidence = { targets: trial.train.targets, outputs: 2 };

  it('the oracle leaves out the noisy rows', async () => {
    assert.deepEqual(await judgeBaselines(trial, signVote), { given: 0.5, oracle: 1 });
  });

  it('good scores recover all, by weights and by leaving out', async () => {
    assert.deepEqual(await judgeWeighting(trial, evidence, scores, signVote), { clip: 1, filter: 1 });
  });

  it('curves keep the highest, or the lowest, in twentieths', async () => {
    const { highest, lowest } = await judgeCurves(trial, scores, signVote);
    assert.equal(highest.length, 20);
    assert.equal(lowest.length, 20);
    assert.equal(highest[13], 1); // the 14 right ones
    assert.equal(highest[19], 0.5); // all
    assert.equal(lowest[19], 0.5);
    assert.equal(lowest[5], 0); // only the six wrong ones: class 1 where it is 0, and a tie elsewhere that goes to 0
  });

  it('where a step keeps no row, the first class is guessed', async () => {
    const { highest } = await judgeCurves(signTrial(5, []), new Float64Array(5), signVote);
    assert.equal(highest[0], 0.5); // a twentieth of five rows; half of the test rows are of class 0
    assert.equal(highest[19], 1);
  });
});
