import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { explainSample } from '../../activities/explainSample.js';
import { readDocument } from '../../activities/prepared.js';
import type { RunConfig } from '../../config/runConfig.js';
import type { RunOutcome } from '../../contracts/run.js';
import type { StageResult } from '../../contracts/stage.js';
import type { StageContext } from '../../contracts/store.js';
import { Analysis, GateDecision, RunSummary } from '../../contracts/summary.js';
import { modelByName } from '../../models/index.js';
import { trainingJob } from '../../workflows/job.js';
import { newRunState } from '../../workflows/progress.js';
import { tableRows } from '../fakes/artifacts.js';
import { wasmEngine } from '../fakes/engine.js';
import { fakeStageContext } from '../fakes/stageContext.js';
import { inProcessRunner } from '../fakes/stageRunner.js';
import { toyConfig, toyCsv } from '../fakes/toyRun.js';

const noCheckpoints = { load: () => Promise.resolve(undefined), save: () => Promise.resolve() };

interface Played {
  readonly outcome: RunOutcome;
  readonly results: Map<string, StageResult>;
  readonly context: StageContext;
}

async function play(config: RunConfig, csv: string): Promise<Played> {
  const files = { 'toy.csv': csv, 'more.txt': `${'topic0word1 topic0word2 w3\n'.repeat(20)}` };
  const context = fakeStageContext(files, { checkpoints: noCheckpoints, engine: wasmEngine });
  const state = newRunState(config);
  const { runner, results } = inProcessRunner(() => context, state.done);
  const { regularisation, input, tokenizer } = modelByName(config.model.name);
  const traits = { strengths: regularisation.grid, input, ...(tokenizer ? { tokenizer } : {}) };
  const host = { runId: 'train/toy/1', runner, nowMs: () => 0, pause: () => Promise.resolve() };
  return { outcome: await trainingJob(state, traits, host), results, context };
}

const summaryOf = async ({ outcome, context }: Played): Promise<RunSummary> =>
  RunSummary.parse(await readDocument(context.artifacts, outcome.outputs['summary']![0]!));

/** As little of everything as a whole run takes. */
const small = {
  importance: { folds: 2 },
  loop: { strengths: [4, 64], outerFolds: 2, flips: 99, maxRounds: 1, policies: ['clip'] },
  crossValidate: { folds: 2 },
};
const cases = [
  {
    name: 'mlp',
    config: { model: { name: 'mlp', hidden: [16], epochs: 6, learningRate: 0.02 } },
  },
  {
    name: 'lstm',
    config: {
      model: { name: 'lstm', embedding: 16, units: 16, epochs: 8, learningRate: 0.02, pooling: 'mean' },
      features: { sequence: { length: 8, minFrequency: 1 } },
    },
  },
  {
    name: 'transformer, pretrained',
    config: {
      model: {
        name: 'transformer',
        layers: 1,
        width: 16,
        heads: 2,
        feedForward: 32,
        epochs: 12,
        learningRate: 0.01,
        batchSize: 16,
      },
      features: { sequence: { length: 16, vocabularySize: 200 } },
      pretrain: { source: 'more.txt', epochs: 8, learningRate: 0.01, batchSize: 16 },
      crossValidate: { folds: 0 },
      loop: { ...small.loop, maxRounds: 0, strengths: [64] },
    },
  },
];

for (const { name, config } of cases) {
  describe(`a whole run with ${name}, computed by wasm`, () => {
    const parsed = toyConfig('toy.csv', { ...small, ...config });
    let played: Played;
    before(async () => {
      played = await play(parsed, toyCsv(240, 0.1));
    });

    it('ends in a judged model that has learned more than the most frequent class', async () => {
      const { outcome, context } = played;
      const document = await readDocument(context.artifacts, outcome.outputs['analysis']![0]!);
      const { arms, metric } = Analysis.parse(document);
      for (const arm of arms) assert.ok(arm.metrics[metric]!.value > 0.4, `${arm.name}: ${metric}`);
      GateDecision.parse(await readDocument(context.artifacts, outcome.outputs['gate']![0]!));
      assert.ok(outcome.outputs['report']);
    });

    it('tells which engine computed it, where one did', () => {
      const told = [...played.results].map(([path, { figures }]) => [path, figures['engine']] as const);
      for (const [path, engine] of told) {
        const trains = /\.(fit|evidence)\.|^pretrain$/.test(path);
        if (trains) assert.match(String(engine), /^wasm 4\.\d+\.\d+ on the cpu, 1 thread$/);
        else assert.equal(engine, undefined, path);
      }
    });

    it('shows how it learned, epoch by epoch, and which epoch was kept', async () => {
      const [weighted] = (await summaryOf(played)).detail!.learning.filter(({ arm }) => arm === 'weighted');
      const { unit, losses, qualities, metric, kept } = weighted!;
      assert.deepEqual([unit, metric, qualities.length], ['epoch', 'accuracy', losses.length]);
      assert.ok(losses.at(-1)! < losses[0]!);
      assert.equal(qualities[kept! - 1], Math.max(...qualities));
    });

    it('shows what it reads: words, other features and the start add up to its own log-odds', async () => {
      const { classes, of } = (await summaryOf(played)).detail!.explanations!;
      assert.ok(classes.length > 0 && classes.length === of);
      for (const { name, example, toward } of classes) {
        const { parts, rest, baseline, output } = example;
        const words = parts.reduce((sum, { value }) => sum + value, 0);
        assert.ok(Math.abs(words + rest + baseline - output) < 1e-3, name);
        assert.ok(Math.abs(rest) < 0.1 + 0.2 * Math.abs(output), `${name}: ${rest} of ${output} is no word`);
        assert.ok(toward.length > 0);
      }
    });

    it('names the training samples that support a prediction, over the epochs that were kept', async () => {
      const { results, context } = played;
      const trace = { runId: 'train/toy/1', config: parsed, artifacts: context.artifacts, shards: results };
      const { prediction } = await explainSample(trace, 'r0000', { neighbours: 0, engine: wasmEngine });
      const { influences, predicted } = prediction!;
      const path = [...results.keys()].find((one) => one.startsWith('loop.weighted.fit.'))!;
      const { milestones = [] } = results.get(path)!.outputs;
      assert.ok(milestones.length > 0);
      assert.equal(influences!.checkpoints, milestones.length + 1);
      assert.ok(influences!.among > 10, String(influences!.among));
      assert.ok(influences!.support.every(({ value, label }) => value > 0 && label === predicted));
      assert.ok(influences!.oppose.every(({ value, label }) => value < 0 && label !== predicted));
    });

    if ('pretrain' in config) {
      it('finds held-out text less perplexing after pretraining on all training texts and those beside', async () => {
        const { results, context } = played;
        const { perplexity, perplexityBefore, texts, heldOut } = results.get('pretrain')!.figures;
        assert.ok(
          Number(perplexity) < 0.9 * Number(perplexityBefore),
          `${perplexityBefore} to ${perplexity}`,
        );
        assert.equal(Number(texts) + Number(heldOut), 240 * 0.7 + 20);
        const beside = results.get('pretrainTexts')!.outputs['texts']![0]!;
        assert.equal((await tableRows(context.artifacts, beside)).length, 20);
      });
    }
  });
}
