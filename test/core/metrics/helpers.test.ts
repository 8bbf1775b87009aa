import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ConfigError } from '../../../contracts/errors.js';
import {
  averagePrecision,
  calibrationBins,
  confusion,
  evaluate,
  metricByName,
  perClass,
  rocAuc,
} from '../../../core/metrics/index.js';

describe('detection', () => {
  const cases = [
    { name: 'a perfect ranking', scores: [4, 3, 2, 1], positives: [1, 1, 0, 0], auc: 1, ap: 1 },
    {
      name: 'a reversed ranking',
      scores: [1, 2, 3, 4],
      positives: [1, 1, 0, 0],
      auc: 0,
      ap: (1 / 3 + 2 / 4) / 2,
    },
    { name: 'all tied', scores: [1, 1, 1, 1], positives: [1, 0, 0, 0], auc: 1 / 2, ap: 1 / 4 },
    {
      name: 'a tie across the classes',
      scores: [3, 2, 2, 1],
      positives: [1, 1, 0, 0],
      auc: 3.5 / 4,
      ap: (1 + 2 / 3) / 2,
    },
    { name: 'no positives', scores: [1, 2], positives: [0, 0], auc: 1 / 2, ap: 0 },
    { name: 'no negatives', scores: [1, 2], positives: [1, 1], auc: 1 / 2, ap: 1 },
    { name: 'nothing', scores: [], positives: [], auc: 1 / 2, ap: 0 },
  ];
  for (const { name, scores, positives, auc, ap } of cases) {
    it(`of ${name}`, () => {
      assert.ok(Math.abs(rocAuc(scores, positives) - auc) < 1e-15);
      assert.ok(Math.abs(averagePrecision(scores, positives) - ap) < 1e-15);
    });
  }

  it('refuses as many positives as scores are not', () => {
    assert.throws(() => rocAuc([1, 2], [1]), /2 scores, got 1/);
  });
});

describe('the confusion matrix', () => {
  const counts = confusion(Int32Array.of(0, 0, 0, 1, 2), Int32Array.of(0, 0, 1, 1, 1), 4);

  it('has the true class in its rows', () => {
    assert.deepEqual([...counts], [2, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
  });

  it('gives each class its figures, 0 where nothing is there', () => {
    const [first, second, third, fourth] = perClass(counts, 4);
    assert.deepEqual(first, { support: 3, predicted: 2, precision: 1, recall: 2 / 3, f1: 4 / 5 });
    assert.deepEqual(second, { support: 1, predicted: 3, precision: 1 / 3, recall: 1, f1: 2 / 4 });
    assert.deepEqual(third, { support: 1, predicted: 0, precision: 0, recall: 0, f1: 0 });
    assert.deepEqual(fourth, { support: 0, predicted: 0, precision: 0, recall: 0, f1: 0 });
  });

  it('adds up weights', () => {
    const weighted = confusion(Int32Array.of(0, 0), Int32Array.of(0, 1), 2, Float64Array.of(0.5, 2));
    assert.deepEqual([...weighted], [0.5, 2, 0, 0]);
  });
});

describe('calibration bins', () => {
  const input = {
    targets: Int32Array.of(0, 1, 0),
    probabilities: Float64Array.of(0.9, 0.1, 0.8, 0.2, 1, 0),
    outputs: 2,
  };

  it('hold confidence and accuracy of the samples inside, the right edge included', () => {
    const bins = calibrationBins(input, 5);
    assert.deepEqual(
      bins.map(({ count }) => count),
      [0, 0, 0, 1, 2], // 0.8 is in (0.6, 0.8]
    );
    assert.deepEqual(bins[3], { confidence: 0.8, accuracy: 0, count: 1, weight: 1 });
    assert.deepEqual(bins[4], { confidence: 0.95, accuracy: 1, count: 2, weight: 2 });
  });

  it('that are empty stand at their middle', () => {
    assert.deepEqual(calibrationBins(input, 5)[0], { confidence: 0.1, accuracy: 0, count: 0, weight: 0 });
  });
});

describe('metrics by name', () => {
  const input = { targets: Int32Array.of(0, 1), probabilities: Float64Array.of(1, 0, 1, 0), outputs: 2 };

  it('are computed together', () => {
    assert.deepEqual(evaluate(['accuracy', 'recall_macro'], input), { accuracy: 0.5, recall_macro: 0.5 });
  });

  it('are refused where they are misspelt', () => {
    assert.throws(
      () => metricByName('f1macro'),
      (error) => error instanceof ConfigError && /did you mean "f1_macro"/.test(error.message),
    );
  });

  const refused = [
    {
      name: 'no sample',
      change: { targets: new Int32Array(), probabilities: new Float64Array() },
      message: /at least one/,
    },
    {
      name: 'a class that is not there',
      change: { targets: Int32Array.of(0, -1) },
      message: /targets\[1\].*-1/,
    },
    {
      name: 'too few probabilities',
      change: { probabilities: Float64Array.of(1, 0) },
      message: /2 × 2 = 4.*got 2/,
    },
  ];
  for (const { name, change, message } of refused) {
    it(`refuse ${name}`, () => {
      assert.throws(() => metricByName('accuracy').compute({ ...input, ...change }), {
        name: 'RangeError',
        message,
      });
    });
  }
});
