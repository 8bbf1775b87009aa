import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { influencesOn } from '../../../core/explain/influences.js';
import { logitsOf, type LinearParameters } from '../../../core/linear/parameters.js';
import { softmaxRows } from '../../../core/probability.js';
import { fromRows } from '../linear/cases.js';

const features = fromRows([
  [1, 0, 0.5],
  [0, 1, 0.25],
  [0.5, 0.5, 0],
  [0, 0, 1],
  [0.25, 0, 1],
]);
const targets = Int32Array.of(0, 1, 2, 1, 0);
const weights = Float64Array.of(1, 0.5, 2, 1, 1);
const model: LinearParameters = {
  ...{ scheme: 'softmax', features: 3, outputs: 3, intercept: new Float64Array(3) },
  weights: Float64Array.of(0.3, -0.2, 0.1, 0, 0.4, -0.1, 0.2, 0.1, -0.3),
};

describe('influences on a prediction', () => {
  const ask = (training: number[]) =>
    influencesOn(
      {
        ...{ features, targets, weights, outputs: 3, training: Int32Array.from(training) },
        probabilities: softmaxRows(logitsOf(model, features), 3),
      },
      4,
      0,
    );

  it('are what a gradient step on the sample changes in the log-probability', () => {
    const step = 1e-5;
    const before = Math.log(softmaxRows(logitsOf(model, features), 3)[4 * 3]!);
    const probabilities = softmaxRows(logitsOf(model, features), 3);
    for (const { row, value } of ask([0, 1, 2, 3])) {
      const moved = model.weights.slice();
      for (let at = features.indptr[row]!; at < features.indptr[row + 1]!; at++) {
        for (let k = 0; k < 3; k++) {
          const residual = Number(k === targets[row]) - probabilities[row * 3 + k]!;
          moved[features.indices[at]! * 3 + k]! += step * weights[row]! * features.values[at]! * residual;
        }
      }
      const after = Math.log(softmaxRows(logitsOf({ ...model, weights: moved }, features), 3)[4 * 3]!);
      assert.ok(
        Math.abs((after - before) / step - value) < 1e-4,
        `row ${row}: ${(after - before) / step} against ${value}`,
      );
    }
  });

  it('put support first, leave out the row itself, and samples without a shared feature', () => {
    const found = ask([0, 1, 2, 3, 4]);
    assert.ok(!found.some(({ row }) => row === 4));
    assert.equal(found[0]!.row, 0); // the same class and features
    assert.ok(found[0]!.value > 0 && found.at(-1)!.value < 0);
    const apart = influencesOn(
      {
        ...{
          features: fromRows([
            [1, 0],
            [0, 1],
          ]),
          targets,
          weights,
          outputs: 3,
          training: Int32Array.of(0),
        },
        probabilities: new Float64Array(6).fill(1 / 3),
      },
      1,
      0,
    );
    assert.deepEqual(apart, []);
  });
});
