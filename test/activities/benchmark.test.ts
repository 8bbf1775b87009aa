import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { benchmarkScore } from '../../activities/benchmarkScore.js';
import { benchmarkTrial } from '../../activities/benchmarkTrial.js';
import { trialFromTensors, trialTensors } from '../../activities/benchmarkTrialTable.js';
import { BenchmarkConfig, Leaderboard } from '../../contracts/benchmark.js';
import type { ArtifactRef } from '../../contracts/artifact.js';
import type { StageContext } from '../../contracts/store.js';
import { makeEvidence } from '../../core/benchmark/evidence.js';
import { seeded } from '../../core/random.js';
import { benchmarkJob, newBenchmarkState } from '../../workflows/benchmarkJob.js';
import { signTrial, signVote } from '../core/benchmark/toyTrial.js';
import { tableRows } from '../fakes/artifacts.js';
import { fakeStageContext } from '../fakes/stageContext.js';
import { inProcessRunner } from '../fakes/stageRunner.js';

/** 260 points of two numbers; the class is the sign of the first. */
function points(): string {
  const random = seeded(3, 'points');
  const lines = Array.from({ length: 260 }, () => {
    const x = random.normal();
    return `${x.toFixed(4)},${random.normal().toFixed(4)},${x > 0 ? 'plus' : 'minus'}`;
  });
  return `x,y,sign\n${lines.join('\n')}\n`;
}

const config = BenchmarkConfig.parse({
  name: 'toy',
  data: [
    {
      name: 'points',
      dataset: { source: 'points.csv', columns: { target: 'sign', numeric: ['x', 'y'] } },
      features: {},
    },
  ],
  noises: [
    { kind: 'uniform', rate: 0.2 },
    { kind: 'features', rate: 0.2 },
  ],
  estimators: ['self_confidence', 'aum', 'knn_shapley', 'random'],
  seeds: [1, 2],
  size: { train: 150, validation: 30, test: 80 },
  ...{ learner: 'logistic', folds: 5, curves: false },
});

async function run(settings: BenchmarkConfig = config) {
  const context = fakeStageContext({ 'points.csv': points() });
  const state = newBenchmarkState(settings);
  const { runner, asked } = inProcessRunner(() => context, state.done);
  let pauses = 0;
  const pause = (): Promise<void> => Promise.resolve(void pauses++);
  const outcome = await benchmarkJob(state, { runner, pause });
  const text = async (name: string): Promise<string> =>
    new TextDecoder().decode(await context.artifacts.readBlob(only(outcome.outputs, name)));
  const board = Leaderboard.parse(JSON.parse(await text('leaderboard')));
  return { context, state, asked, outcome, board, text, pauses };
}

const only = (outputs: Readonly<Record<string, readonly ArtifactRef[]>>, name: string): ArtifactRef =>
  outputs[name]![0]!;

describe('a benchmark in this process', () => {
  it('asks for every cell, and ends in a leaderboard that puts random last', async () => {
    const { asked, board, state, pauses } = await run();
    const stages = asked.map(({ stage }) => stage);
    const count = (name: string): number => stages.filter((stage) => stage === name).length;
    assert.deepEqual(
      ['ingest', 'benchmarkTrial', 'benchmarkScore', 'leaderboard'].map(count),
      [2, 4, 16, 1], // one a noise (cached by the real runner), 2 × 2, 4 × 4
    );
    assert.equal(pauses, 2);
    const labelNoise = board.groups.findIndex(({ noise }) => noise === 'uniform:0.2');
    const f1 = new Map(
      board.standings.map(({ estimator }, i) => [estimator, board.groups[labelNoise]!.twoMeansF1[i]!]),
    );
    assert.ok(f1.get('self_confidence')! > 0.6, JSON.stringify([...f1]));
    assert.ok(f1.get('random')! < 0.45, JSON.stringify([...f1]));
    assert.ok(board.standings.every(({ cells }) => cells === 4));
    assert.deepEqual(Object.keys(state.finished), ['points.uniform:0.2', 'points.features:0.2']);
    assert.deepEqual(Object.keys(state.done), ['ingest.points', 'leaderboard']); // shards of finished groups are forgotten
  });

  it('writes the page, Markdown, JSON and every cell', async () => {
    const { context, outcome, text } = await run();
    const page = await text('report');
    assert.match(page, /<h1>\S+ finds noisy samples best/);
    const main = page.slice(page.indexOf('<main>'), page.indexOf('</main>'));
    assert.doesNotMatch(main, /undefined|NaN|https?:/);
    assert.match(await text('markdown'), /\| self_confidence \| 0\.\d{3} \|/);
    const cells = await tableRows(context.artifacts, only(outcome.outputs, 'cells'));
    assert.equal(cells.length, 16);
    assert.deepEqual(
      [...new Set(cells.map(({ estimator }) => estimator))].sort(),
      [...config.estimators].sort(),
    );
  });

  it('judges along curves where asked', async () => {
    const { board, text } = await run({
      ...config,
      ...{ noises: [config.noises[0]!], seeds: [1], estimators: ['self_confidence', 'random'], curves: true },
    });
    const [best] = board.standings;
    assert.equal(best!.curves!.highest.length, 20);
    assert.ok(best!.curves!.highest[8]! > best!.curves!.lowest[8]! + 0.3); // 45% of the rows: clean ones, or half of them flipped
    assert.match(await text('report'), /id="curves"/);
  });

  it('goes on from finished groups without asking again', async () => {
    const first = await run();
    const state = { ...newBenchmarkState(config), finished: first.state.finished };
    const { runner, asked } = inProcessRunner(() => first.context, state.done);
    const outcome = await benchmarkJob(state, { runner, pause: () => Promise.resolve() });
    assert.deepEqual(
      asked.map(({ stage }) => stage),
      ['leaderboard'],
    );
    assert.deepEqual(outcome.outputs, first.outcome.outputs);
  });

  it('keeps the cells that ended well where an operator gives up the rest', async () => {
    const context = fakeStageContext({ 'points.csv': points() });
    const state = newBenchmarkState({ ...config, noises: [config.noises[0]!] });
    const { runner } = inProcessRunner(() => context, state.done);
    const givingUp: typeof runner = {
      ...runner,
      run: async (path, shardsOf, options) => {
        if (!path.startsWith('scores.')) return runner.run(path, shardsOf, options);
        assert.equal(options?.skippable, true);
        await runner.run(
          path,
          () => shardsOf().filter(({ path: shard }) => !shard.endsWith('1.aum')),
          options,
        );
        return undefined;
      },
    };
    const { outputs } = await benchmarkJob(state, { runner: givingUp, pause: () => Promise.resolve() });
    const bytes = await context.artifacts.readBlob(only(outputs, 'leaderboard'));
    const board = Leaderboard.parse(JSON.parse(new TextDecoder().decode(bytes)));
    assert.deepEqual(board.missing, ['scores.points.uniform:0.2.1.aum']);
    assert.equal(board.standings.find(({ estimator }) => estimator === 'aum')!.cells, 1);
    assert.equal(board.pairedTrials, 1);
  });
});

describe('the stage benchmarkTrial', () => {
  const ask = async (context: StageContext, size: object) => {
    const { ingest } = await import('../../activities/ingest.js');
    const [data] = config.data;
    const read = await ingest.run(
      { path: 'ingest', seed: 0, params: { dataset: data!.dataset }, inputs: {} },
      context,
    );
    const params = benchmarkTrial.paramsSchema.parse({
      ...{ name: 'points', columns: data!.dataset.columns, features: data!.features },
      ...{ noise: config.noises[0], size, learner: 'logistic', folds: 5 },
    });
    return benchmarkTrial.run(
      { path: 't', seed: 1, params, inputs: { dataset: read.outputs['dataset']! } },
      context,
    );
  };

  it('writes the same bytes twice', async () => {
    const context = fakeStageContext({ 'points.csv': points() });
    const [first, second] = [await ask(context, config.size), await ask(context, config.size)];
    assert.deepEqual(first.outputs, second.outputs);
  });

  it('refuses a table with too few rows, and says what to type', async () => {
    const context = fakeStageContext({ 'points.csv': points() });
    await assert.rejects(ask(context, {}), /points: a trial takes 1000 .* found 260 .*--size 162\/16\/81/);
  });

  it('stores a trial whole', async () => {
    const trial = signTrial(40, [1, 2]);
    const options = { learners: [signVote], folds: 4, seed: 1, now: () => 0 };
    const { evidence } = await makeEvidence(trial, options);
    assert.deepEqual(trialFromTensors(trialTensors({ trial, evidence })), { trial, evidence });
  });
});

describe('the stage benchmarkScore', () => {
  it('refuses an estimator that needs what no trial has', async () => {
    const context = fakeStageContext();
    const trial = signTrial(40, [1]);
    const { evidence } = await makeEvidence(trial, { learners: [signVote], folds: 4, seed: 1, now: () => 0 });
    const facts = JSON.stringify({ chosen: ['trees'], accuracy: { given: 0.5, oracle: 1 } });
    const inputs = {
      trial: [await context.artifacts.writeModel(trialTensors({ trial, evidence }))],
      facts: [await context.artifacts.writeBlob('document', Buffer.from(facts), 'application/json')],
    };
    const params = { estimator: 'query_pvi', curves: false };
    await assert.rejects(benchmarkScore.run({ path: 's', seed: 1, params, inputs }, context), {
      name: 'ConfigError',
      message: /query_pvi needs groups/,
    });
  });
});
