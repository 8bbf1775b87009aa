import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { averageProbabilities } from '../../core/ensemble.js';

const member = (weight: number, ...probabilities: number[]) => ({ weight, probabilities });

describe('a weighted ensemble', () => {
  it('is Σ wp / Σ w: weights .8 and .9 of .01 and .02 give .026 / 1.7', () => {
    const [mean] = averageProbabilities([member(0.8, 0.01), member(0.9, 0.02)]);
    assert.ok(Math.abs(mean! - 0.026 / 1.7) < 1e-15);
  });

  it('of one model is that model, and a model of weight 0 is absent', () => {
    assert.deepEqual([...averageProbabilities([member(3, 0.25, 0.75)])], [0.25, 0.75]);
    assert.deepEqual([...averageProbabilities([member(1, 0.25), member(0, NaN)])], [0.25]);
  });

  it('keeps rows that add up to 1, whatever the weights and their scale', () => {
    const row = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 1, max: 9 }), row), { minLength: 1 }), (models) => {
        const members = models.map(([weight, p]) => member(weight, p, 1 - p));
        const [first, second] = averageProbabilities(members);
        assert.ok(Math.abs(first! + second! - 1) < 1e-12);
        const scaled = averageProbabilities(members.map((one) => ({ ...one, weight: 1000 * one.weight })));
        assert.ok(Math.abs(scaled[0]! - first!) < 1e-12);
      }),
    );
  });

  const refused = [
    { name: 'no model', members: [], message: /at least one model/ },
    {
      name: 'models of other rows',
      members: [member(1, 0.1), member(1, 0.1, 0.9)],
      message: /2 numbers of model 1 and 1/,
    },
    { name: 'a negative weight', members: [member(1, 0.1), member(-1, 0.1)], message: /got -1 of model 1/ },
    { name: 'weights of 0 only', members: [member(0, 0.1)], message: /all weigh 0/ },
  ];
  for (const { name, members, message } of refused) {
    it(`refuses ${name}`, () => assert.throws(() => averageProbabilities(members), message));
  }
});
