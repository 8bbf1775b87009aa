import assert from 'node:assert/strict';
import { it } from 'node:test';
import { registries } from '../../config/registries.js';

it('an estimator whose evidence a run does not make is refused with what it lacks and what can be used', () => {
  const refusals = new Map(registries.estimators.map(({ name, refusal }) => [name, refusal]));
  assert.match(
    refusals.get('aum') ?? '',
    /^aum needs trainingDynamics, and a run makes .*outOfFoldLogits.*: pvi,/,
  );
  assert.equal(refusals.get('pvi'), undefined);
  assert.equal(refusals.get('influence'), undefined);
});
