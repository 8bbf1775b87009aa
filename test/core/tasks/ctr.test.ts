import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { taskByName, taskOf } from '../../../core/tasks/index.js';

const task = taskByName('ctr');
const odds = (p: number): number => Math.log(p / (1 - p));
const judged = (targets: number[], clicks: number[]) => ({
  targets: Int32Array.from(targets),
  logits: {
    rows: targets.length,
    cols: 2,
    values: Float64Array.from(clicks.flatMap((p) => [0, odds(p)])),
  },
});

describe('clicks are encoded', () => {
  const cases = [
    { values: ['0', '1', null], classes: ['0', '1'] },
    { values: ['yes', 'no'], classes: ['no', 'yes'] },
    { values: ['True', 'False'], classes: ['False', 'True'] },
  ];
  for (const { values, classes } of cases) {
    it(`${classes.join(' before ')}: the click is class 1`, () => {
      assert.deepEqual(task.encode(values).classes, classes);
    });
  }

  it('by the value that task.positive names', () => {
    const named = taskOf({ name: 'ctr', positive: 'bought' });
    assert.deepEqual([...named.encode(['bought', 'left']).codes], [1, 0]);
    assert.throws(
      () => named.encode(['sold', 'left']),
      /task\.positive is "bought", which no training row has/,
    );
  });

  it('and not guessed, nor learned of one value or three', () => {
    assert.throws(() => task.encode(['a', 'b']), /which of "a", "b" is a click.*positive: "b"/);
    assert.throws(() => task.encode(['1', '1']), /found 1 among 2 training rows \("1"\)/);
    assert.throws(() => task.encode(['0', '1', '2']), /found 3/);
  });

  it('values that training did not know are left out', () => {
    assert.deepEqual([...task.encode(['1', '7', null], ['0', '1']).codes], [1, -1, -1]);
  });
});

describe('merit of clicks', () => {
  it('is 1 − ℓ/H: nothing for the click rate itself, 1 − ln .8⁻¹ / ln 2 for .8 of the truth', () => {
    const rate = task.merit(judged([0, 1], [0.5, 0.5]), 'relative_information');
    rate.forEach((value) => assert.ok(Math.abs(value) < 1e-12));
    const better = task.merit(judged([0, 1], [0.2, 0.8]), 'relative_information');
    better.forEach((value) => assert.ok(Math.abs(value - (1 + Math.log(0.8) / Math.LN2)) < 1e-12));
  });

  it('has the metric of that name as its mean', () => {
    const some = judged([0, 1, 0, 0], [0.1, 0.7, 0.4, 0.2]);
    const merit = task.merit(some, 'relative_information');
    const [value] = task.measure(['relative_information'], some)();
    assert.ok(Math.abs(merit.reduce((sum, one) => sum + one, 0) / 4 - value!) < 1e-12);
  });

  it('is refused by another metric', () => {
    assert.throws(() => task.merit(judged([0, 1], [0.5, 0.5]), 'accuracy'), /expected relative_information/);
  });
});

it('the calibration ratio is what was predicted over what was clicked', () => {
  const [, ratio] = task.measure(
    ['log_loss', 'calibration_ratio'],
    judged([1, 0, 0, 0], [0.2, 0.1, 0.1, 0.1]),
  )();
  assert.ok(Math.abs(ratio! - 0.5) < 1e-12);
});
