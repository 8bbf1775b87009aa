import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ConfigError, DataError } from '../../../contracts/errors.js';
import { recallMacro } from '../../../core/metrics/index.js';
import { softmaxRows } from '../../../core/probability.js';
import { seeded } from '../../../core/random.js';
import { taskByName, type Judged } from '../../../core/tasks/index.js';

const task = taskByName('classification');
const mean = (values: Float64Array): number => values.reduce((a, b) => a + b, 0) / values.length;
const judged = (targets: number[], predicted: number[], outputs: number): Judged => ({
  targets: Int32Array.from(targets),
  logits: {
    rows: targets.length,
    cols: outputs,
    values: Float64Array.from(
      predicted.flatMap((p) => Array.from({ length: outputs }, (_, c) => (c === p ? 1 : 0))),
    ),
  },
});

describe('the metric that candidates are chosen by', () => {
  const even = (n: number): number[] => new Array<number>(n).fill(1 / n);
  const cases = [
    { name: 'even classes', shares: even(10), want: 'accuracy' },
    {
      name: 'banking77: 77 classes, the largest 1.9%',
      shares: [0.0187, ...even(76).map((s) => s * 0.9813)],
      want: 'accuracy',
    },
    { name: 'two classes, 60 : 40', shares: [0.6, 0.4], want: 'accuracy' },
    {
      name: 'a rare class beside nine large ones',
      shares: [0.009, ...even(9).map((s) => s * 0.991)],
      want: 'accuracy',
    },
    { name: 'financial_phrasebank', shares: [0.125, 0.594, 0.281], want: 'f1_macro' },
    { name: 'financial_phrasebank with 20% flips', shares: [0.1875, 0.516, 0.2965], want: 'f1_macro' },
    { name: 'two classes, 22 : 78', shares: [0.22, 0.78], want: 'f1_macro' },
  ];
  for (const { name, shares, want } of cases) {
    it(`is ${want} for ${name}`, () => assert.equal(task.choiceMetric(shares), want));
  }
});

describe('encoding', () => {
  it('sorts the classes of the training rows by code unit, and leaves what is missing out', () => {
    assert.deepEqual(task.encode(['b', null, 'a', 'Z', 'b']), {
      codes: Int32Array.of(2, -1, 1, 0, 2),
      classes: ['Z', 'a', 'b'],
    });
  });

  it('gives −1 to a class that training does not know', () => {
    assert.deepEqual(task.encode(['a', 'new', null], ['a', 'b']).codes, Int32Array.of(0, -1, -1));
  });

  const refused = [
    { name: 'one class', values: ['a', 'a', null], message: /at least two classes.*only "a" in 3 rows/ },
    { name: 'no class', values: [null], message: /at least two classes.*none in 1 rows/ },
  ];
  for (const { name, values, message } of refused) {
    it(`refuses ${name}`, () => {
      assert.throws(
        () => task.encode(values),
        (error) => error instanceof DataError && message.test(error.message),
      );
    });
  }
});

describe('merit', () => {
  const some = judged([0, 0, 0, 1], [0, 0, 1, 1], 2);

  it('for accuracy is 1 where right', () => {
    assert.deepEqual([...task.merit(some, 'accuracy')], [1, 1, 0, 1]);
  });

  it('for f1_macro weighs a class by the inverse of its share', () => {
    // Class 0 is 3/4, class 1 is 1/4, of K = 2: 1/(2·3/4) = 2/3 and 1/(2·1/4) = 2.
    assert.deepEqual([...task.merit(some, 'f1_macro')], [2 / 3, 2 / 3, 0, 2]);
  });

  it('for f1_macro has balanced accuracy as its mean', () => {
    const random = seeded(1);
    const targets = Int32Array.from({ length: 200 }, () => Math.floor(random.next() ** 2 * 4));
    const logits = { rows: 200, cols: 4, values: Float64Array.from({ length: 800 }, () => random.normal()) };
    targets.forEach((target, i) => (logits.values[i * 4 + target]! += 1));
    const want = recallMacro.compute({ targets, outputs: 4, probabilities: softmaxRows(logits.values, 4) });
    assert.ok(Math.abs(mean(task.merit({ targets, logits }, 'f1_macro')) - want) < 1e-12);
  });

  it('for f1_macro takes the shares of the weighted rows', () => {
    const weighted = { ...some, sampleWeights: Float64Array.of(1, 1, 0, 2) };
    assert.deepEqual([...task.merit(weighted, 'f1_macro')], [1, 1, 0, 1]);
  });

  it('is 0 for a class that the model does not know', () => {
    assert.deepEqual([...task.merit(judged([-1, 0], [0, 0], 2), 'accuracy')], [0, 1]);
  });

  it('refuses a metric that is no sum over samples, and says which are', () => {
    assert.throws(
      () => task.merit(some, 'log_loss'),
      (error) => error instanceof ConfigError && /accuracy \| recall_macro \| f1_macro/.test(error.message),
    );
  });
});

it('an unknown task is refused with the nearest name', () => {
  assert.throws(
    () => taskByName('clasification'),
    /task: expected classification.*did you mean "classification"/,
  );
});
