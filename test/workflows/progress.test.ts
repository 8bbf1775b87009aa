import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { detailsTable } from '../../workflows/details.js';
import { RunConfig } from '../../config/runConfig.js';
import type { ResolveStage } from '../../contracts/run.js';
import {
  newRunState,
  refuseResolution,
  runStatus,
  type RunState,
  withSettings,
} from '../../workflows/progress.js';

const config = RunConfig.parse({
  name: 'shop',
  dataset: { source: 'x.csv', columns: { target: 'y', text: ['t'] } },
});

function blockedAt(stage: string): RunState {
  const state = newRunState(config);
  state.state = 'blocked';
  state.stages.push({
    path: stage,
    state: 'blocked',
    attempts: 1,
    figures: {},
    outputs: {},
    error: 'DataError: x.csv: no such file',
  });
  state.blocked = {
    stage,
    error: 'DataError: x.csv: no such file',
    failedShards: [stage],
    commands: [`assay retry r --stage ${stage}`],
  };
  return state;
}

describe('an answer to a blocked stage', () => {
  const cases: { name: string; answer: ResolveStage; want: RegExp | undefined }[] = [
    {
      name: 'retry of the blocked stage is accepted',
      answer: { action: 'retry', stage: 'clean' },
      want: undefined,
    },
    { name: 'abort is accepted', answer: { action: 'abort', stage: 'clean' }, want: undefined },
    {
      name: 'another stage is refused, and the right one named',
      answer: { action: 'retry', stage: 'fit' },
      want: /blocked stage is "clean", not "fit"/,
    },
    {
      name: 'skipping what later stages need is refused',
      answer: { action: 'skip', stage: 'clean' },
      want: /can't be skipped.*skippable: gate/,
    },
    {
      name: 'an unknown action is refused',
      answer: { action: 'redo' as 'retry', stage: 'clean' },
      want: /retry, skip or abort, got "redo"/,
    },
    {
      name: 'a setting that exists is accepted',
      answer: { action: 'retry', stage: 'clean', set: { 'clean.minTextLength': 3 } },
      want: undefined,
    },
    {
      name: 'a setting of no section is refused',
      answer: { action: 'retry', stage: 'clean', set: { 'cleen.x': 3 } },
      want: /"cleen.x" begins with none of/,
    },
    {
      name: 'the name can not be changed',
      answer: { action: 'retry', stage: 'clean', set: { name: 'other' } },
      want: /begins with none of/,
    },
    {
      name: 'settings with skip are refused',
      answer: { action: 'abort', stage: 'clean', set: { seed: 1 } },
      want: /set is for retry only/,
    },
  ];
  for (const { name, answer, want } of cases) {
    it(name, () => {
      const refusal = refuseResolution(blockedAt('clean'), answer, ['gate']);
      if (want) assert.match(refusal ?? '', want);
      else assert.equal(refusal, undefined);
    });
  }

  it('is refused while nothing is blocked', () => {
    assert.match(
      refuseResolution(newRunState(config), { action: 'retry', stage: 'clean' }, []) ?? '',
      /nothing is blocked/,
    );
  });
});

describe('new settings', () => {
  it('replace values by dotted path, in a copy', () => {
    const changed = withSettings(config, { 'clean.minTextLength': 7, 'loop.budgetMinutes': 5 });
    assert.equal(changed.clean.minTextLength, 7);
    assert.equal(changed.loop.budgetMinutes, 5);
    assert.equal(config.clean.minTextLength, 1);
  });
});

describe('what people see of a run', () => {
  it('names the blocked stage, its error and the command to type', () => {
    const details = detailsTable(blockedAt('clean'), 'r');
    assert.match(details, /\| clean \| blocked \|/);
    assert.match(details, /no such file/);
    assert.match(details, /assay retry r --stage clean/);
  });

  it('keeps a hostile error inside its table cell', () => {
    const state = blockedAt('clean');
    state.stages[0]!.error = 'a | b\n# heading';
    const row = detailsTable(state, 'r')
      .split('\n')
      .find((line) => line.startsWith('| clean'));
    assert.match(row!, /a \\\| b # heading/);
  });

  it('says in the status where it stands', () => {
    const status = runStatus(blockedAt('clean'), 'train/shop/1');
    assert.equal(status.stage, 'clean');
    assert.equal(status.state, 'blocked');
    assert.equal(status.runId, 'train/shop/1');
  });
});
