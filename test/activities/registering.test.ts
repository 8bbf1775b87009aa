import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { readDocument } from '../../activities/prepared.js';
import type { RunConfigInput } from '../../config/runConfig.js';
import type { Approval, RunOutcome } from '../../contracts/run.js';
import type { StageContext } from '../../contracts/store.js';
import { RunSummary } from '../../contracts/summary.js';
import { trainingJob } from '../../workflows/job.js';
import { newRunState } from '../../workflows/progress.js';
import { fakeStageContext } from '../fakes/stageContext.js';
import { inProcessRunner } from '../fakes/stageRunner.js';
import { toyConfig, toyCsv } from '../fakes/toyRun.js';

const noCheckpoints = { load: () => Promise.resolve(undefined), save: () => Promise.resolve() };
/** One fit a unit, no rounds: what comes after the loop is looked at. */
const quick: Partial<RunConfigInput> = {
  loop: { strengths: [16], outerFolds: 2, flips: 99, maxRounds: 0 },
  crossValidate: { folds: 0 },
  gate: { margin: 1, maxSliceLoss: 1 },
};

async function play(
  context: StageContext,
  runId: string,
  more: Partial<RunConfigInput> = {},
  approval?: () => Promise<Approval>,
) {
  const config = toyConfig('toy.csv', { ...quick, ...more });
  const state = newRunState(config);
  const { runner, asked } = inProcessRunner(() => context, state.done);
  const host = {
    runId,
    runner,
    nowMs: () => 0,
    pause: () => Promise.resolve(),
    ...(approval ? { approval } : {}),
  };
  return { outcome: await trainingJob(state, { strengths: [1] }, host), asked };
}
const world = (csv: string): StageContext => ({
  ...fakeStageContext({ 'toy.csv': csv }),
  checkpoints: noCheckpoints,
});
const summaryOf = async ({ artifacts }: StageContext, { outputs }: RunOutcome): Promise<RunSummary> =>
  RunSummary.parse(await readDocument(artifacts, outputs['summary']![0]!));

describe('a run registers its model', () => {
  let context: StageContext;
  let first: RunOutcome;
  before(async () => {
    context = world(toyCsv(450, 0.3));
    ({ outcome: first } = await play(context, 'train/toy/1'));
  });

  it('as version 1, champion since nothing was before it', async () => {
    assert.equal(first.figures['model'], 'toy@1');
    assert.equal(first.figures['promoted'], 1);
    const [version] = await context.registry.versions('toy');
    assert.equal(version!.runId, 'train/toy/1');
    assert.deepEqual(version!.artifacts.weights, first.outputs['model']![0]);
    assert.equal(version!.model['C'], 16);
    assert.deepEqual(
      version!.stages.map(({ path }) => path),
      ['ingest', 'clean', 'featurize', 'loop.weighted'],
    );
    const [move] = await context.registry.moves('toy');
    assert.deepEqual([move!.by, move!.runId], ['gate', 'train/toy/1']);
    assert.match(move!.why, /^Promoted: /);
  });

  it('with a card, and says so in report and outcome', async () => {
    const card = new TextDecoder().decode(await context.artifacts.readBlob(first.outputs['card']![0]!));
    assert.match(card, /Predicts `label` from text/);
    const { registered } = await summaryOf(context, first);
    assert.deepEqual([registered!.model, registered!.promoted], ['toy@1', true]);
  });

  it('not again where the same model came out', async () => {
    const { outcome } = await play(context, 'train/toy/2');
    assert.equal(outcome.figures['model'], 'toy@1');
    assert.equal((await context.registry.moves('toy')).length, 1);
  });

  it('and compares the next one with the champion, not with uniform', async () => {
    const { outcome, asked } = await play(context, 'train/toy/3', {
      features: { words: { ngrams: [1, 1] } },
    });
    assert.equal(outcome.figures['champion'], 'toy@1');
    assert.equal(outcome.figures['model'], 'toy@2');
    const gate = asked.find(({ path }) => path === 'gate')!;
    assert.deepEqual(gate.inputs['champion.weights'], first.outputs['model']);
  });

  it('but does not promote what the gate refuses', async () => {
    const refusing = { gate: { minEffectiveSampleSize: 1, maxCalibrationError: 0 } };
    const { outcome } = await play(context, 'train/toy/4', {
      ...refusing,
      features: { words: { ngrams: [1, 2], minDocumentFrequency: 3 } },
    });
    assert.deepEqual([outcome.figures['model'], outcome.figures['promoted']], ['toy@3', 0]);
    assert.equal((await context.registry.holder('toy', 'champion'))!.version, 2);
    const { registered } = await summaryOf(context, outcome);
    assert.equal(registered!.promoted, false);
  });

  it('nor over a champion that came while it waited for approval', async () => {
    const approval = async (): Promise<Approval> => {
      const move = {
        name: 'toy',
        alias: 'champion',
        version: 1,
        action: 'rollback' as const,
        by: 'ann',
        why: 'x',
      };
      await context.registry.move(move);
      return { approved: true, by: 'bob' };
    };
    const { outcome } = await play(
      context,
      'train/toy/5',
      {
        gate: { margin: 1, maxSliceLoss: 1, approval: 'required' },
        features: { words: { ngrams: [1, 1], minDocumentFrequency: 4 } },
      },
      approval,
    );
    assert.equal(outcome.figures['promoted'], 0);
    assert.match(String(outcome.figures['promotion']), /toy@1 was made champion by ann; start the run again/);
    assert.equal((await context.registry.holder('toy', 'champion'))!.version, 1);
  });

  it('under a name of its own, or not at all', async () => {
    const named = await play(context, 'train/toy/6', { register: { name: 'other' } });
    assert.equal(named.outcome.figures['model'], 'other@1');
    const none = await play(context, 'train/toy/7', { register: { enabled: false } });
    assert.equal(none.outcome.figures['model'], undefined);
    assert.ok(!none.asked.some(({ stage }) => stage === 'champion' || stage === 'register'));
  });
});

describe('the gate and a champion of other data', () => {
  it('leaves rows out that the champion was trained on', async () => {
    const context = world(toyCsv(450, 0));
    await play(context, 'train/toy/1');
    // Of ten rows the eighth was for validation; now the first is for testing, which the champion has learned.
    const moved = toyCsv(450, 0)
      .split('\n')
      .map((line) => (/^r\d+0,/.test(line) ? line.replace(',train', ',test') : line));
    const next = { ...fakeStageContext({ 'toy.csv': moved.join('\n') }), checkpoints: noCheckpoints };
    const { outcome } = await play(
      { ...next, artifacts: context.artifacts, registry: context.registry },
      'train/toy/2',
    );
    assert.equal(outcome.figures['rowsThatTheChampionKnew'], 45);
  });

  it('lines up classes that only one of them knows', async () => {
    const context = world(toyCsv(450, 0));
    await play(context, 'train/toy/1');
    const renamed = toyCsv(450, 0).replaceAll(',topic0,', ',another,');
    const next = { ...fakeStageContext({ 'toy.csv': renamed }), checkpoints: noCheckpoints };
    const { outcome } = await play(
      { ...next, artifacts: context.artifacts, registry: context.registry },
      'train/toy/2',
    );
    // The champion is right about topic1 and topic2 only, two thirds of the test rows; the challenger about all.
    const gain = Number(/([+−][\d.]+) points/.exec(String(outcome.figures['reason']))![1]);
    assert.ok(gain > 30 && gain < 37, String(outcome.figures['reason']));
  });
});
