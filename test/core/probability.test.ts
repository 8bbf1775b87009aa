import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  argmaxRows,
  classCounts,
  entropy,
  entropyRows,
  logProbabilityOf,
  logSoftmaxRows,
  logSumExp,
  softmaxRows,
} from '../../core/probability.js';

const close = (actual: number, expected: number, tolerance = 1e-12): void =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not ${expected}`);

describe('softmax of rows', () => {
  it('gives 1/4 and 3/4 for logits 0 and ln 3', () => {
    const probabilities = softmaxRows(Float64Array.of(0, Math.log(3), Math.log(3), 0), 2);
    [0.25, 0.75, 0.75, 0.25].forEach((want, i) => close(probabilities[i]!, want));
  });

  it('does not overflow, and does not change when a row is shifted', () => {
    const probabilities = softmaxRows(
      Float64Array.of(1000, 1000 + Math.log(3), -2000, -2000 + Math.log(3)),
      2,
    );
    [0.25, 0.75, 0.25, 0.75].forEach((want, i) => close(probabilities[i]!, want, 1e-10));
  });

  it('gives a logit of −Infinity probability 0', () => {
    assert.deepEqual([...softmaxRows(Float64Array.of(-Infinity, 0), 2)], [0, 1]);
  });

  const broken = [
    { name: 'NaN', row: [0, Number.NaN] },
    { name: 'Infinity', row: [0, Infinity] },
    { name: 'nothing but −Infinity', row: [-Infinity, -Infinity] },
  ];
  for (const { name, row } of broken) {
    it(`refuses ${name}, naming the row`, () => {
      assert.throws(() => softmaxRows(Float64Array.from([0, 0, ...row]), 2), {
        name: 'RangeError',
        message: /row 1.*diverge/,
      });
    });
  }

  it('sums to 1 in every row', () => {
    const logit = fc.double({ min: -300, max: 300, noNaN: true });
    fc.assert(
      fc.property(fc.array(logit, { minLength: 3, maxLength: 30 }), (logits) => {
        const rows = Math.floor(logits.length / 3);
        const probabilities = softmaxRows(Float64Array.from(logits.slice(0, rows * 3)), 3);
        for (let row = 0; row < rows; row++) {
          close(
            probabilities.subarray(row * 3, row * 3 + 3).reduce((a, b) => a + b),
            1,
            1e-9,
          );
        }
      }),
    );
  });
});

describe('log probabilities', () => {
  it('stay exact where the probability underflows', () => {
    const logs = logSoftmaxRows(Float64Array.of(0, -1000), 2);
    assert.deepEqual([...logs], [0, -1000]);
  });

  it('of the given classes are picked from the rows', () => {
    const logits = Float64Array.of(0, Math.log(3), 0, Math.log(3));
    const logs = logProbabilityOf(Int32Array.of(0, 1), logits, 2);
    close(logs[0]!, Math.log(1 / 4));
    close(logs[1]!, Math.log(3 / 4));
  });

  it('log-sum-exp of equal values adds ln of their number', () => {
    close(logSumExp(Float64Array.of(9, 7, 7, 7, 7), 1, 4), 7 + Math.log(4));
  });
});

describe('entropy', () => {
  const cases = [
    { name: 'is ln 2 for a fair coin', p: [0.5, 0.5], want: Math.LN2 },
    { name: 'is 0 for certainty', p: [0, 1], want: 0 },
    { name: 'is ln K for K equal classes', p: [0.2, 0.2, 0.2, 0.2, 0.2], want: Math.log(5) },
  ];
  for (const { name, p, want } of cases) it(name, () => close(entropy(p), want));

  it('of rows is one number a row', () => {
    const rows = entropyRows(Float64Array.of(0.5, 0.5, 1, 0), 2);
    close(rows[0]!, Math.LN2);
    close(rows[1]!, 0);
  });
});

it('argmax takes the first of equals', () => {
  assert.deepEqual([...argmaxRows(Float64Array.of(1, 1, 0, 0, 2, 2), 3)], [0, 1]);
});

it('class counts count each class', () => {
  assert.deepEqual([...classCounts(Int32Array.of(2, 0, 2), 3)], [1, 0, 2]);
});
