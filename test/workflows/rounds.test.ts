import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { reweightingLoop } from '../../workflows/loop.js';
import type { RoundSteps } from '../../workflows/rounds.js';
import { preparedRun } from '../fakes/preparedRun.js';
import { inProcessRunner } from '../fakes/stageRunner.js';
import { toyConfig, toyCsv } from '../fakes/toyRun.js';

const config = toyConfig('toy.csv');

async function play(noise: number) {
  const { context, dataset, prepared } = await preparedRun(toyCsv(900, noise), config);
  const { runner, asked, results } = inProcessRunner(() => context);
  const rounds: number[] = [];
  const steps: RoundSteps = {
    runner,
    nowMs: () => 0,
    pause: () => Promise.resolve(),
    ground: () => ({ config, prepared, dataset, strengths: config.loop.strengths! }),
    onRound: (round) => rounds.push(round),
  };
  const outcome = await reweightingLoop(steps, { seed: 42, outerFolds: config.loop.outerFolds });
  return { outcome, asked, rounds, results, context };
}

describe('the reweighting loop over real stages, without a server', () => {
  it('keeps uniform where labels are clean, after one round that proves it', async () => {
    const { outcome, rounds } = await play(0);
    assert.equal(outcome.incumbent.policy, 'uniform');
    assert.deepEqual(outcome.incumbent.chain, []);
    assert.deepEqual(rounds, [0, 1]);
  });

  it('accepts weights where a third of the labels is wrong, and asks for a second round', async () => {
    const { outcome, rounds } = await play(0.35);
    assert.notEqual(outcome.incumbent.policy, 'uniform');
    assert.ok(outcome.choices.some(({ accepted }) => accepted));
    assert.deepEqual(rounds.slice(0, 3), [0, 1, 2]);
  });

  it('makes scores and weights anew for every outer fold and for the whole', async () => {
    const { asked } = await play(0);
    const evidence = asked.filter(({ stage }) => stage === 'evidence').map(({ path }) => path);
    assert.equal(evidence.length, (3 + 1) * 3);
    assert.equal(new Set(evidence).size, evidence.length);
    assert.equal(asked.filter(({ stage }) => stage === 'weigh').length, 4);
  });

  it('gives the same decision when it is played twice', async () => {
    const [first, second] = [await play(0.2), await play(0.2)];
    assert.deepEqual(
      first.outcome.choices.map(({ result }) => result.outputs),
      second.outcome.choices.map(({ result }) => result.outputs),
    );
  });
});
