import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  entropyIg,
  estimatorByName,
  loss,
  pvi,
  scoreSamples,
  selfConfidence,
} from '../../../core/importance/index.js';

const close = (actual: ArrayLike<number>, expected: readonly number[]): void => {
  assert.equal(actual.length, expected.length);
  expected.forEach((want, i) =>
    assert.ok(Math.abs(actual[i]! - want) < 1e-12, `[${i}]: ${actual[i]} is not ${want}`),
  );
};

/** Two folds of two samples; the model gives the first class 3/4, then 1/4, 1/2 and 3/4. */
const evidence = {
  targets: Int32Array.of(0, 0, 1, 0),
  outputs: 2,
  folds: Int32Array.of(0, 0, 1, 1),
  logits: Float64Array.from([3, 1, 1, 3, 1, 1, 3, 1], Math.log),
};

describe('pvi', () => {
  it('is log₂ of the given label’s probability over its prior in the other folds', () => {
    // Outside fold 0 are labels 1, 0: prior ½, ½. Outside fold 1 are 0, 0: smoothed (2 + 1)/4, 1/4.
    const want = [
      Math.log2(0.75 / 0.5),
      Math.log2(0.25 / 0.5),
      Math.log2(0.5 / 0.25),
      Math.log2(0.75 / 0.75),
    ];
    close(scoreSamples(pvi, evidence), want);
  });

  it('without folds takes the prior of all other rows', () => {
    const unfolded = { targets: evidence.targets, outputs: 2, logits: evidence.logits };
    // Others of a sample of class 0: 0, 1, 0, so 2 of 3; of the sample of class 1: none of 3.
    const want = [0.75 / (3 / 5), 0.25 / (3 / 5), 0.5 / (1 / 5), 0.75 / (3 / 5)].map(Math.log2);
    close(scoreSamples(pvi, unfolded), want);
  });

  it('is finite without smoothing where a class is missing outside the fold', () => {
    const [, , unseen] = scoreSamples(pvi, evidence, { params: { smoothing: 0 } });
    close([unseen!], [Math.log2(0.5 / 1e-12)]);
  });

  it('takes a uniform prior where nothing is outside the fold', () => {
    const alone = { ...evidence, folds: new Int32Array(4) };
    const want = [0.75 / 0.5, 0.25 / 0.5, 0.5 / 0.5, 0.75 / 0.5].map(Math.log2);
    close(scoreSamples(pvi, alone, { params: { smoothing: 0 } }), want);
  });

  it('believes no probability below its floor', () => {
    const certain = { targets: Int32Array.of(0, 1), outputs: 2, logits: Float64Array.of(-Infinity, 0, 0, 0) };
    const [score] = scoreSamples(pvi, certain, { params: { floor: 2 ** -10 } });
    close([score!], [-10 - Math.log2(1 / 3)]);
  });
});

describe('entropy_ig', () => {
  it('is the entropy of labels minus P(y|x) times the entropy of the prediction', () => {
    const entropyOf = (p: number): number => -p * Math.log2(p) - (1 - p) * Math.log2(1 - p);
    const want = [
      1 - 0.75 * entropyOf(0.75), // outside fold 0 the labels are even: 1 bit
      1 - 0.25 * entropyOf(0.75),
      entropyOf(0.75) - 0.5 * 1, // outside fold 1: smoothed ¾, ¼
      entropyOf(0.75) - 0.75 * entropyOf(0.75),
    ];
    close(scoreSamples(entropyIg, evidence), want);
  });

  it('scores a label that the model rejects above one that it expects', () => {
    const [expected, rejected] = scoreSamples(entropyIg, evidence);
    assert.ok(rejected! > expected!);
  });
});

it('self_confidence is the probability of the given label', () => {
  close(scoreSamples(selfConfidence, evidence), [0.75, 0.25, 0.5, 0.75]);
});

it('loss is ln of it, so that the largest loss scores lowest', () => {
  close(scoreSamples(loss, evidence), [0.75, 0.25, 0.5, 0.75].map(Math.log));
});

describe('scoring refuses', () => {
  const cases = [
    {
      name: 'a class code that is not there',
      change: { targets: Int32Array.of(0, 2, 1, 0) },
      message: /targets\[1\].*\[0, 2\).*got 2/,
    },
    {
      name: 'logits of another size',
      change: { logits: Float64Array.of(1, 2) },
      message: /logits: expected 4 × 2 = 8.*got 2/,
    },
    {
      name: 'folds of another length',
      change: { folds: Int32Array.of(0) },
      message: /folds: expected 4.*got 1/,
    },
    { name: 'no classes', change: { outputs: 0 }, message: /outputs.*got 0/ },
    {
      name: 'a NaN',
      change: { logits: new Float64Array(8).fill(Number.NaN) },
      message: /row 0.*NaN.*diverge/,
    },
  ];
  for (const { name, change, message } of cases) {
    it(name, () =>
      assert.throws(() => scoreSamples(pvi, { ...evidence, ...change }), { name: 'RangeError', message }),
    );
  }

  it('an estimator that is not there', () => {
    assert.throws(() => estimatorByName('self-confidence'), /did you mean "self_confidence"/);
  });
});
