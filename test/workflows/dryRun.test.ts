import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { dryRun } from '../../workflows/dryRun.js';
import { newRunState, type RunState } from '../../workflows/progress.js';
import { markOf, type Shard } from '../../workflows/shards.js';
import { toyConfig } from '../fakes/toyRun.js';

const RESULT = { stageKey: '0', codeVersion: '1', outputs: {}, figures: {}, cached: false };

/** A run that is blocked at a stage of three shards, of which the second has failed. */
function blockedRun(): { state: RunState; shardsOf: () => readonly Shard[] } {
  const state = newRunState(toyConfig('toy.csv'));
  const shardsOf = (): Shard[] =>
    [0, 1, 2].map((fold) => ({
      ...{ path: `fit.${String(fold)}`, stage: 'fit', summary: '', seed: fold, inputs: {} },
      // The first shard does not look at flips.
      params: fold === 0 ? {} : { flips: state.config.loop.flips },
    }));
  for (const fold of [0, 2]) {
    const shard = shardsOf()[fold]!;
    state.done[shard.path] = { request: markOf(shard), stage: 'fit', result: RESULT };
  }
  state.state = 'blocked';
  state.blocked = { stage: 'fit', error: 'no memory', failedShards: ['fit.1'], commands: [] };
  return { state, shardsOf };
}

describe('what a retry of a blocked stage would do again', () => {
  it('is what has not succeeded, where nothing is set', () => {
    const { state, shardsOf } = blockedRun();
    const { then, ...found } = dryRun(state, shardsOf) as { then: string };
    assert.deepEqual(found, {
      stage: 'fit',
      again: [{ path: 'fit.1', because: 'it has not succeeded' }],
      stay: ['fit.0', 'fit.2'],
      settings: [],
    });
    assert.match(then, /the stages that follow, .*start a successor \(assay retry RUN --from STAGE/);
  });

  it('is what a new setting reaches, too; and asking changes nothing', () => {
    const { state, shardsOf } = blockedRun();
    const before = structuredClone(state);
    const { then, ...found } = dryRun(state, shardsOf, { stage: 'fit', set: { 'loop.flips': 9 } }) as {
      then: string;
    };
    assert.ok(then);
    assert.deepEqual(found, {
      stage: 'fit',
      again: [
        { path: 'fit.1', because: 'it has not succeeded' },
        { path: 'fit.2', because: 'what it is asked changes' },
      ],
      stay: ['fit.0'],
      settings: [{ path: 'loop.flips', before: '499', after: '9' }],
    });
    assert.deepEqual(state, before);
  });

  it('tells a setting that was not there before', () => {
    const { state, shardsOf } = blockedRun();
    const { settings } = dryRun(state, shardsOf, { set: { 'budget.hours': 2 } }) as { settings: unknown };
    assert.deepEqual(settings, [{ path: 'budget.hours', before: 'nothing', after: '2' }]);
  });

  const refused = [
    { name: 'another stage', asked: { stage: 'clean' }, why: /the blocked stage is "fit", not "clean"/ },
    {
      name: 'an unknown setting',
      asked: { set: { 'lop.flips': 9 } },
      why: /"lop\.flips" begins with none of/,
    },
    {
      name: 'a password',
      asked: { set: { 'dataset.source': 'https://a:secret@b/c' } },
      why: /a URL with a password/,
    },
  ];
  for (const { name, asked, why } of refused) {
    it(`is refused for ${name}, as the retry would be`, () => {
      const { state, shardsOf } = blockedRun();
      assert.match((dryRun(state, shardsOf, asked) as { refused: string }).refused, why);
    });
  }

  it('is refused where nothing is blocked', () => {
    const { state, shardsOf } = blockedRun();
    delete state.blocked;
    state.state = 'running';
    assert.match(
      (dryRun(state, shardsOf) as { refused: string }).refused,
      /nothing is blocked: the run is running/,
    );
  });
});
