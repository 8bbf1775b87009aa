import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ConfigError } from '../../contracts/errors.js';
import { findByName, nearestName, nearestNames } from '../../core/nearestName.js';

const known = ['pvi', 'entropy_ig', 'self_confidence', 'loss', 'uniform', 'random'];

describe('nearest name', () => {
  const cases: { name: string; typed: string; want: string | undefined }[] = [
    { name: 'mends a swapped pair of letters', typed: 'piv', want: 'pvi' },
    { name: 'mends a missing letter', typed: 'unifrm', want: 'uniform' },
    { name: 'sees through case and dashes', typed: 'Self-Confidence', want: 'self_confidence' },
    { name: 'allows a third of a long name to differ', typed: 'selfconfident', want: 'self_confidence' },
    { name: 'says nothing where nothing is near', typed: 'shapley', want: undefined },
    { name: 'does not take an empty name for a short one', typed: '', want: undefined },
  ];
  for (const { name, typed, want } of cases) it(name, () => assert.equal(nearestName(typed, known), want));

  it('knows nothing where nothing is known', () => assert.equal(nearestName('pvi', []), undefined));
});

describe('finding by name', () => {
  const items = known.map((name) => ({ name }));

  it('gives the item', () => assert.equal(findByName('x', items, 'loss'), items[3]));

  it('says where, what is known, what was found, and what was probably meant', () => {
    assert.throws(
      () => findByName('importance.estimator', items, 'los'),
      new ConfigError(
        'importance.estimator: expected pvi | entropy_ig | self_confidence | loss | uniform | random, got "los"; did you mean "loss"?',
      ),
    );
  });
});

describe('the nearest names', () => {
  it('come nearest first, of equals in the order given, and no more than asked for', () => {
    // one edit, two edits, one edit, too far
    assert.deepEqual(nearestNames('twin1', ['twin2', 'twi', 'win1', 'other'], 2), ['twin2', 'win1']);
    assert.deepEqual(nearestNames('twin1', ['other'], 2), []);
  });
});
