import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { readDocument } from '../../activities/prepared.js';
import type { RunConfigInput } from '../../config/runConfig.js';
import type { RunOutcome } from '../../contracts/run.js';
import { RunSummary } from '../../contracts/summary.js';
import { modelByName } from '../../models/index.js';
import type { Shard } from '../../workflows/shards.js';
import { trainingJob } from '../../workflows/job.js';
import { newRunState, type RunState } from '../../workflows/progress.js';
import { fakeStageContext } from '../fakes/stageContext.js';
import { inProcessRunner } from '../fakes/stageRunner.js';
import { toyConfig, toyCsv } from '../fakes/toyRun.js';

const tune: RunConfigInput['tune'] & { folds: number } = {
  method: 'asha',
  trials: 5,
  folds: 2,
  reduction: 2,
  leastShare: 0.5,
  // One value that learns nothing, so that what is right is known beforehand.
  search: { learningRate: [1e-6, 0.3], epochs: [2, 12] },
};

const config = toyConfig('toy.csv', {
  model: { name: 'factorization', factors: 2, learningRate: 1e-6, epochs: 2 },
  tune,
  importance: { folds: 2, refinements: 0 },
  loop: { strengths: [1e-4, 1e-2], outerFolds: 2, flips: 99, maxRounds: 0 },
  crossValidate: { folds: 2 },
});

interface Played {
  readonly outcome: RunOutcome;
  readonly summary: RunSummary;
  readonly asked: readonly Shard[];
  readonly state: RunState;
}

async function play(
  asked: typeof config,
  { nowMs = () => 0, csv = toyCsv(300, 0) }: { nowMs?: () => number; csv?: string } = {},
): Promise<Played> {
  const checkpoints = { load: () => Promise.resolve(undefined), save: () => Promise.resolve() };
  const context = fakeStageContext({ 'toy.csv': csv }, { checkpoints });
  const state = newRunState(asked);
  const { runner, asked: shards } = inProcessRunner(() => context, state.done);
  const { regularisation } = modelByName(asked.model.name);
  const host = { runId: 'train/toy/1', runner, nowMs, pause: () => Promise.resolve() };
  const outcome = await trainingJob(state, { strengths: regularisation.grid }, host);
  const summary = RunSummary.parse(await readDocument(context.artifacts, outcome.outputs['summary']![0]!));
  return { outcome, summary, asked: shards, state };
}

describe('a run that tunes, without a server', () => {
  let played: Played;
  before(async () => {
    played = await play(config);
  });

  it('finds the settings that learn, and says by how much', () => {
    const { chosen, trials, gain, reason } = played.summary.tuning!;
    assert.equal(trials[chosen]!.params['learningRate'], 0.3);
    assert.ok(gain!.low > 0.1, JSON.stringify(gain));
    assert.match(
      reason,
      /^Trial \d wins over 3 trials, \d of them on all rows: epochs 12, learningRate 0.3, accuracy/,
    );
  });

  it('shows the settings as they are configured as trial 0, judged on all rows', () => {
    const [first] = played.summary.tuning!.trials;
    assert.deepEqual(first!.params, { learningRate: 1e-6, epochs: 2 });
    assert.deepEqual(
      first!.rungs.map(({ share }) => share),
      [1],
    );
  });

  it('trains everything after it with them: the loop, the folds, the model that is kept', () => {
    const models = played.asked
      .filter(({ stage }) => ['fit', 'evidence'].includes(stage))
      .map(({ params }) => (params as { model: Record<string, unknown> }).model);
    assert.ok(models.length > 5);
    for (const model of models) assert.equal(model['learningRate'], 0.3);
    const kept = (played.summary.config as { model: Record<string, unknown> }).model;
    assert.equal(kept['learningRate'], 0.3);
  });

  it('begins on half of the rows', () => {
    const trial = played.asked.filter(({ stage }) => stage === 'trial');
    const halves = trial.filter(({ params }) => (params as { share: number }).share === 0.5);
    assert.equal(halves.length, 3 * tune.folds); // four settings, one of them configured
    assert.ok(trial.length < 8 * tune.folds);
  });

  it('never looks at the rows of validation and test', async () => {
    const [train, ...rest] = toyCsv(300, 0).split('\n');
    const spoilt = [
      train,
      ...rest.map((line) => (line.endsWith(',train') ? line : line.replace(/topic\d(?=,)/, 'topic0'))),
    ];
    const other = await play(config, { csv: spoilt.join('\n') });
    assert.deepEqual(
      other.summary.tuning!.trials.map(({ rungs }) => rungs),
      played.summary.tuning!.trials.map(({ rungs }) => rungs),
    );
  });

  it('tries and chooses the same when it is played again', async () => {
    const again = await play(config);
    assert.deepEqual(again.summary.tuning, played.summary.tuning);
    assert.deepEqual(again.outcome.outputs['model'], played.outcome.outputs['model']);
  });

  it('has its figures in the row of the stage, and its table on the page', () => {
    const { figures } = played.state.stages.find(({ path }) => path === 'tune')!;
    assert.equal(figures['trials'], 3);
    assert.equal(figures['best'], played.summary.tuning!.chosen);
  });
});

describe('a search with a budget', () => {
  it('ends with the settings as they are where nothing else got to all rows, and says so', async () => {
    let hours = 0;
    const nowMs = () => (hours += 1) * 3_600_000;
    const { summary } = await play(
      { ...config, tune: { ...config.tune!, parallel: 1, budget: { hours: 6 } } },
      { nowMs },
    );
    const { trials, chosen, reason } = summary.tuning!;
    assert.ok(trials.length >= 2);
    assert.match(reason, /The budget is spent: \d+\.\d\d of tune\.budget\.hours = 6\./);
    assert.ok(trials[chosen]!.rungs.at(-1)!.share === 1);
  });
});

describe('a search that is nested in cross-validation', () => {
  it('is made anew on the training rows of every fold, from the settings as they are configured', async () => {
    const { asked, summary } = await play({ ...config, tune: { ...config.tune!, nested: true } });
    const trials = asked.filter(({ stage }) => stage === 'trial');
    const units = new Set(trials.map(({ params }) => (params as { unit: number }).unit));
    assert.deepEqual([...units].sort(), [-1, 0, 1]);
    const baselines = trials.filter(({ path }) => /^crossValidate\.tune\.\d\.0\./.test(path));
    assert.equal(baselines.length, 2 * tune.folds);
    for (const { params } of baselines)
      assert.equal((params as { model: Record<string, unknown> }).model['learningRate'], 1e-6);
    assert.ok(summary.crossValidation.length > 0);
  });
});
