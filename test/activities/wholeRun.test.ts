import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { readDocument } from '../../activities/prepared.js';
import type { RunOutcome } from '../../contracts/run.js';
import type { StageContext } from '../../contracts/store.js';
import { Analysis, GateDecision, RunSummary } from '../../contracts/summary.js';
import { trainingJob } from '../../workflows/job.js';
import { newRunState } from '../../workflows/progress.js';
import { fakeStageContext } from '../fakes/stageContext.js';
import { inProcessRunner } from '../fakes/stageRunner.js';
import { QUICK, toyConfig, toyCsv } from '../fakes/toyRun.js';

const noCheckpoints = { load: () => Promise.resolve(undefined), save: () => Promise.resolve() };

async function play(
  csv: string,
  config = toyConfig('toy.csv'),
): Promise<{ outcome: RunOutcome; context: StageContext }> {
  const context = { ...fakeStageContext({ 'toy.csv': csv }), checkpoints: noCheckpoints };
  const state = newRunState(config);
  const { runner } = inProcessRunner(() => context, state.done);
  const host = { runId: 'train/toy/1', runner, nowMs: () => 0, pause: () => Promise.resolve() };
  return { outcome: await trainingJob(state, { strengths: [1] }, host), context };
}

it('a run whose model learns from disk comes to the same end, and its words may be hashed', async () => {
  const accuracyOf = async (fromDisk: 'always' | 'never'): Promise<number> => {
    const config = toyConfig('toy.csv', {
      ...QUICK,
      model: { name: 'linear', fromDisk, tolerance: 1e-6 },
      features: { words: { buckets: 4096 } },
    });
    const { outcome, context } = await play(toyCsv(300, 0.2), config);
    const analysis = Analysis.parse(await readDocument(context.artifacts, outcome.outputs['analysis']![0]!));
    return analysis.arms.find(({ name }) => name === 'weighted')!.metrics['accuracy']!.value;
  };
  assert.equal(await accuracyOf('always'), await accuracyOf('never'));
});

describe('a whole run over noisy labels, without a server', () => {
  let outcome: RunOutcome;
  let context: StageContext;
  let analysis: Analysis;
  let summary: RunSummary;
  before(async () => {
    ({ outcome, context } = await play(toyCsv(900, 0.35)));
    analysis = Analysis.parse(await readDocument(context.artifacts, outcome.outputs['analysis']![0]!));
    summary = RunSummary.parse(await readDocument(context.artifacts, outcome.outputs['summary']![0]!));
  });

  it('judges uniform, shuffled and weighted on the clean test split, weighted best', () => {
    const value = Object.fromEntries(
      analysis.arms.map(({ name, metrics }) => [name, metrics['accuracy']!.value]),
    );
    assert.deepEqual(Object.keys(value), ['uniform', 'shuffled', 'weighted']);
    assert.ok(value['weighted']! > value['uniform']!, JSON.stringify(value));
    assert.ok(value['weighted']! > value['shuffled']!, JSON.stringify(value));
  });

  it('gives every metric an interval that has a width and holds the value', () => {
    for (const { metrics } of analysis.arms) {
      for (const [name, { low, value, high }] of Object.entries(metrics)) {
        assert.ok(low < high, `${name}: ${low} to ${high}`);
        if (name !== 'ece')
          assert.ok(low <= value && value <= high, `${name}: ${value} in ${low} to ${high}`);
      }
    }
  });

  it('says by which words the final model tells the classes, exactly', () => {
    const { classes } = summary.detail!.explanations!;
    assert.deepEqual(classes.map(({ name }) => name).sort(), ['topic0', 'topic1', 'topic2']);
    for (const { name, toward, against, example } of classes) {
      // A third of the labels is wrong: some words of no topic speak, too.
      const own = toward.filter(({ word }) => word.startsWith(`${name}word`));
      assert.ok(own.length > toward.length / 2, JSON.stringify(toward));
      assert.ok(against.every(({ word, value }) => value < 0 && !word.startsWith(`${name}word`)));
      const words = example.parts.reduce((sum, { value }) => sum + value, 0);
      const { rest, baseline, output } = example;
      assert.ok(Math.abs(words + rest + baseline - output) < 1e-9);
      assert.ok(Math.abs(rest) < 0.01, `${rest} is no word`); // parts are told to four digits
    }
  });

  it('counts the test rows in the confusion matrix', () => {
    assert.equal(
      analysis.confusion.flat().reduce((sum, count) => sum + count, 0),
      90,
    );
    assert.equal(
      analysis.perClass.reduce((sum, { support }) => sum + support, 0),
      90,
    );
  });

  it('ends in a gate that says what it checked', async () => {
    const gate = GateDecision.parse(await readDocument(context.artifacts, outcome.outputs['gate']![0]!));
    assert.ok(gate.checks.length >= 3);
    const size = gate.checks.find(({ name }) => name === 'effective sample size')!;
    assert.equal(Number(size.found).toFixed(2), summary.weights.effectiveSampleSize.toFixed(2));
    assert.ok(Number(size.found) < 1);
    assert.equal(
      gate.promoted,
      gate.checks.every(({ passed }) => passed),
    );
  });

  it('tells of every round, with all candidates and their p values', () => {
    assert.equal(summary.rounds[0]!.incumbent, 'uniform');
    assert.equal(summary.rounds[1]!.candidates.length, 3 * 2);
    assert.notEqual(summary.rounds[1]!.accepted, null);
  });

  it('says what the choice cost: fits of evidence and candidates, over the grid of strengths', () => {
    const units = 3 + 1;
    const rounds = summary.rounds.length - 1;
    assert.ok(summary.importance!.cost.fits >= units * (3 + 3) * 2, `${summary.importance!.cost.fits} fits`);
    assert.ok(summary.importance!.cost.fits <= units * (3 + 3) * 2 * (rounds + 1));
    assert.match(summary.rounds[1]!.reason, /\(95%: .*\), p = .* Next best: /);
    assert.deepEqual(summary.importance!.warnings, []);
  });

  it('shows the least important samples, mislabelled ones among them, with their text', () => {
    const { least, most } = summary.scores;
    assert.ok(least[0]!.score < most[0]!.score);
    const wrong = least.filter(({ text, target }) => !text.includes(`topic${target.at(-1)}word`));
    assert.ok(wrong.length > least.length * 0.8, `${wrong.length} of ${least.length}`);
    assert.ok(least[0]!.weight < most[0]!.weight);
  });

  it('cross-validates uniform and weighted in three fresh folds', () => {
    const accuracy = summary.crossValidation.filter(({ metric }) => metric === 'accuracy');
    assert.deepEqual(
      accuracy.map(({ arm, perFold }) => [arm, perFold.length]),
      [
        ['uniform', 3],
        ['weighted', 3],
      ],
    );
  });

  it('links every stage to its inputs', () => {
    const fit = summary.lineage.find(({ stage }) => stage.startsWith('loop.weighted.fit'))!;
    assert.ok(fit.inputs['weights'] && fit.inputs['features']);
  });

  it('renders a page', async () => {
    const page = new TextDecoder().decode(await context.artifacts.readBlob(outcome.outputs['report']![0]!));
    assert.match(page, /^<!doctype html>/i);
  });
});

describe('a run that can not be', () => {
  const lines = (count: number, label: (i: number) => string): string =>
    [
      'id,text,label,split',
      ...Array.from(
        { length: count },
        (_, i) => `r${i},word${i % 5} thing,${label(i)},${['train', 'train', 'validation', 'test'][i % 4]}`,
      ),
    ].join('\n');
  const cases = [
    {
      name: 'one class only',
      csv: lines(40, () => 'a'),
      want: /all 20 training rows have the same value "a"/,
    },
    {
      name: 'no training rows',
      csv: lines(40, (i) => `c${i % 2}`).replaceAll(',train', ',test'),
      want: /0 train rows are left/,
    },
    {
      name: 'a class with one training row',
      csv: lines(200, (i) => (i === 0 ? 'rare' : `c${i % 2}`)),
      want: /rare/,
    },
    {
      name: 'more folds than samples',
      csv: lines(40, (i) => `c${i % 4 === 1 ? 1 : i % 3 === 0 ? 1 : 0}`),
      config: { loop: { outerFolds: 50 } },
      want: /50|folds/,
    },
    {
      name: 'no feature left',
      csv: lines(40, (i) => `c${i % 2}`),
      config: { features: { words: { minDocumentFrequency: 999 } } },
      want: /no feature is left/,
    },
    {
      name: 'an empty test split',
      csv: lines(60, (i) => `c${i % 2}`).replaceAll(',test', ',train'),
      want: /0 test rows are left/,
    },
  ];
  for (const { name, csv, config, want } of cases) {
    it(`${name}: says so`, async () => {
      await assert.rejects(play(csv, toyConfig('toy.csv', config ?? {})), want);
    });
  }
});

it('a run of boosted trees shows how it learned, iteration by iteration, as one of a forest does', async () => {
  for (const kind of ['histogramGradientBoosting', 'randomForest']) {
    const config = toyConfig('toy.csv', {
      ...QUICK,
      model: { name: 'trees', kind, trees: 12 },
      loop: { maxRounds: 0 },
    });
    const { outcome, context } = await play(toyCsv(300, 0.1), config);
    const { detail } = RunSummary.parse(
      await readDocument(context.artifacts, outcome.outputs['summary']![0]!),
    );
    const [curve] = detail!.learning;
    const { unit, losses, qualities, kept } = curve!;
    assert.deepEqual([unit, losses.length, qualities.length, kept], ['iteration', 12, 12, 12]);
    assert.ok(losses.at(-1)! < losses[0]!);
    assert.equal(detail!.explanations, undefined); // trees are not taken apart
  }
});
