import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TrainingSet } from '../../contracts/model.js';
import { balanced, checkTraining } from '../../models/trainingRows.js';

const set = (targets: number[], sampleWeights: number[], outputs = 3): TrainingSet => ({
  input: { kind: 'dense', matrix: { rows: targets.length, cols: 0, values: new Float64Array() } },
  targets: Int32Array.from(targets),
  sampleWeights: Float64Array.from(sampleWeights),
  outputs,
});

it('balanced classes weigh the same, and together as much as before', () => {
  // class 0 weighs 3, class 1 weighs 1, class 2 is not there: 2 for each of the two
  const weights = balanced(set([0, 0, 1, 2], [1, 2, 1, 0]));
  assert.deepEqual([...weights], [2 / 3, 4 / 3, 2, 0]);
});

describe('training rows are refused', () => {
  const cases = [
    {
      name: 'where targets are missing',
      given: set([0], [1]),
      rows: 2,
      message: /2 targets and weights, got 1/,
    },
    { name: 'with a negative weight', given: set([0, 1], [1, -1]), rows: 2, message: /row 1: .*got -1/ },
    { name: 'with a weight that is no number', given: set([0], [NaN]), rows: 1, message: /row 0: .*got NaN/ },
    { name: 'with a class that is not there', given: set([3], [1]), rows: 1, message: /\[0, 3\), got 3/ },
  ];
  for (const { name, given, rows, message } of cases) {
    it(name, () => assert.throws(() => checkTraining(given, rows), { name: 'RangeError', message }));
  }
  it('but not for the class of an absent row', () => checkTraining(set([-1, 0], [0, 1]), 2));
});
