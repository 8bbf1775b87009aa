import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RunConfigInput } from '../../config/runConfig.js';
import type { Approval } from '../../contracts/run.js';
import {
  continueLoop,
  loopControl,
  refuseApproval,
  refuseLoopUpdate,
  stopLoop,
} from '../../workflows/control.js';
import { trainingJob } from '../../workflows/job.js';
import { newRunState, runMetrics, type RunState } from '../../workflows/progress.js';
import { fakeStageContext } from '../fakes/stageContext.js';
import { inProcessRunner } from '../fakes/stageRunner.js';
import { toyConfig, toyCsv } from '../fakes/toyRun.js';

const HOUR = 3_600_000;
const noCheckpoints = { load: () => Promise.resolve(undefined), save: () => Promise.resolve() };

/** Plays a run over noisy labels; every look at the clock is `tick` later. */
async function play(
  more: Partial<RunConfigInput>,
  {
    tick = 0,
    during = () => undefined,
    approval,
  }: {
    tick?: number;
    during?: (path: string, state: RunState) => void;
    approval?: () => Promise<Approval>;
  } = {},
) {
  const config = toyConfig('toy.csv', {
    loop: { strengths: [16, 64], outerFolds: 2, flips: 199, maxRounds: 3, policies: ['clip'] },
    crossValidate: { folds: 0 },
    ...more,
  });
  const context = { ...fakeStageContext({ 'toy.csv': toyCsv(450, 0.3) }), checkpoints: noCheckpoints };
  const state = newRunState(config);
  const { runner, asked } = inProcessRunner(() => context, state.done);
  const spied = {
    ...runner,
    run: (path: string, ...rest: [Parameters<typeof runner.run>[1]]) => {
      during(path, state);
      return runner.run(path, ...rest);
    },
  };
  let now = 0;
  const host = {
    ...{ runId: 'train/toy/1', runner: spied, pause: () => Promise.resolve() },
    nowMs: () => (now += tick),
    ...(approval ? { approval } : {}),
  };
  return { outcome: await trainingJob(state, { strengths: [1] }, host), state, asked };
}

describe('the loop under an operator', () => {
  it('ends after the round in which they say stop, and the run goes on to its report', async () => {
    const { outcome, state } = await play(
      {},
      {
        during: (path, now) =>
          path === 'importance' && !now.loop?.stop && stopLoop(now, { by: 'ann', note: 'enough' }),
      },
    );
    assert.equal(outcome.figures['loopEnded'], 'An operator stopped the loop after round 1. ann enough');
    assert.equal(state.loop?.ended, outcome.figures['loopEnded']);
    assert.ok(outcome.outputs['report'] && outcome.outputs['analysis']);
    assert.deepEqual(
      runMetrics(state, 'r').rounds.map(({ round }) => round),
      [0, 1],
    );
  });

  it('plays on past maxRounds where they say continue', async () => {
    const loop = { strengths: [16, 64], outerFolds: 2, flips: 199, maxRounds: 1, policies: ['clip'] };
    let said = '';
    const { state } = await play(
      { loop },
      {
        during: (path, now) =>
          path === 'importance' && said === '' && (said = continueLoop(now, { rounds: 1 })),
      },
    );
    assert.match(said, /goes on to round 2/);
    assert.equal(state.loop?.ended, 'Round 2 was the last of loop.maxRounds = 2.');
  });

  it('ends with the best so far when the budget is spent', async () => {
    const { outcome, asked } = await play({ budget: { hours: 1 } }, { tick: HOUR });
    assert.match(
      String(outcome.figures['loopEnded']),
      /^The budget is spent: \d+\.00 of budget\.hours = 1\.$/,
    );
    assert.equal(outcome.figures['policy'], 'uniform');
    assert.ok(!asked.some(({ path }) => path.startsWith('loop.1')));
  });
});

describe('a budget', () => {
  const config = toyConfig('toy.csv', { loop: { budget: { cost: 10 } }, budget: { costPerHour: 2 } });

  it('of the loop counts from its beginning, at what an hour of the run costs', () => {
    const state = { ...newRunState(config), startedAtMs: 0 };
    let now = 7 * HOUR;
    const { spent } = loopControl(state, () => now);
    now += 4.9 * HOUR;
    assert.equal(spent(), undefined);
    now += 0.1 * HOUR;
    assert.equal(spent(), 'The budget is spent: 10.00 of loop.budget.cost = 10.');
  });

  it('is not touched while the run waits for an operator, nor when it continues as new', () => {
    const state = { ...newRunState(config), startedAtMs: 0, idleMs: 0 };
    loopControl(state, () => 0);
    state.idleMs = 100 * HOUR;
    const { spent, elapsedMs } = loopControl(state, () => 102 * HOUR);
    assert.equal(spent(), undefined);
    assert.equal(elapsedMs(), 2 * HOUR);
  });
});

describe('approval of a model that passed the gate', () => {
  const gate = { approval: 'required' as const, margin: 1, maxSliceLoss: 1, minEffectiveSampleSize: 0 };

  it('decides over promotion, with name and note in the outcome', async () => {
    const { outcome } = await play(
      { gate },
      { approval: () => Promise.resolve({ approved: false, by: 'bob', note: 'wait' }) },
    );
    assert.equal(outcome.figures['promoted'], 0);
    assert.equal(outcome.figures['approval'], 'refused by bob: wait');
  });
});

describe('what an Update may say', () => {
  const state = newRunState(toyConfig('toy.csv'));
  const waiting = { ...state, waiting: { question: '?', commands: [] } };
  const ended = { ...state, loop: { round: 2, ended: 'The last round was not accepted.' } };

  it('is taken when it fits', () => {
    assert.equal(refuseLoopUpdate(state, {}, 'stop'), undefined);
    assert.equal(refuseLoopUpdate(state, { rounds: 2 }, 'continue'), undefined);
    assert.equal(refuseApproval(waiting, { approved: true, by: 'ann' }), undefined);
  });

  const refusals: [string, string | undefined, RegExp][] = [
    ['stop after the end', refuseLoopUpdate(ended, {}, 'stop'), /has ended: .*assay retry --from loop\.2/],
    [
      'no rounds',
      refuseLoopUpdate(state, { rounds: 0 }, 'continue'),
      /whole number ≥ 1, .*\{"rounds":2\}; got 0/,
    ],
    ['an unknown word', refuseLoopUpdate(state, { why: 'x' } as object, 'stop'), /"why" is none of by, note/],
    ['nothing waits', refuseApproval(state, { approved: true, by: 'ann' }), /nothing waits for approval/],
    ['no name', refuseApproval(waiting, { approved: true, by: '' }), /by must say who approves/],
    ['no answer', refuseApproval(waiting, {} as Approval), /approved must be true or false/],
  ];
  for (const [name, refusal, words] of refusals) {
    it(`is refused with what is allowed: ${name}`, () => assert.match(refusal ?? '', words));
  }
});
