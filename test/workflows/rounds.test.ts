import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RunConfig } from '../../config/runConfig.js';
import { seeded } from '../../core/random.js';
import { reweightingLoop, type RoundSteps } from '../../workflows/rounds.js';
import { clean } from '../../activities/clean.js';
import { featurize } from '../../activities/featurize.js';
import { ingest } from '../../activities/ingest.js';
import { fakeStageContext } from '../fakes/stageContext.js';
import { inProcessRunner } from '../fakes/stageRunner.js';

/** Each topic has words of its own; with so many, a model that is hardly regularised learns wrong labels by heart. */
const TOPIC_WORDS = 40;

/** Short texts of three topics; `noise` of the training rows carry another topic's label. */
function csv(rows: number, noise: number): string {
  const random = seeded(3, 'rounds.test');
  const lines = ['id,text,label,split'];
  for (let i = 0; i < rows; i++) {
    const topic = i % 3;
    const filler = Array.from({ length: 4 }, () => `w${random.below(60)}`);
    const own = Array.from({ length: 3 }, () => `topic${topic}word${random.below(TOPIC_WORDS)}`);
    const said = [...own, ...Array.from({ length: 4 }, () => `w${random.below(60)}`)];
    const split = i % 10 < 7 ? 'train' : i % 10 < 9 ? 'validation' : 'test';
    const flipped = split !== 'test' && random.next() < noise;
    const label = flipped ? (topic + 1 + random.below(2)) % 3 : topic;
    lines.push(`r${String(i).padStart(4, '0')},${said.join(' ')},topic${label},${split}`);
  }
  return `${lines.join('\n')}\n`;
}

const config = RunConfig.parse({
  name: 'toy',
  dataset: {
    source: 'toy.csv',
    columns: { id: 'id', target: 'label', text: ['text'], split: 'split' },
    split: { by: 'column' },
  },
  clean: { nearDuplicates: { enabled: false }, exactDuplicates: 'keep' },
  importance: { folds: 3 },
  loop: { strengths: [16, 64], outerFolds: 3, flips: 499, maxRounds: 2 },
});

async function prepare(noise: number) {
  const context = fakeStageContext({ 'toy.csv': csv(900, noise) });
  const job = { path: 'x', seed: 42 };
  const { dataset } = config;
  const read = await ingest.run({ ...job, params: { dataset }, inputs: {} }, context);
  const cleaned = await clean.run(
    { ...job, params: { dataset, clean: config.clean }, inputs: read.outputs },
    context,
  );
  const { nearDuplicates } = config.clean;
  const made = await featurize.run(
    {
      ...job,
      params: { task: config.task, columns: dataset.columns, features: config.features, nearDuplicates },
      inputs: { dataset: cleaned.outputs['dataset']! },
    },
    context,
  );
  const { samples, features, classes } = made.outputs;
  return { context, prepared: { samples: samples!, features: features!, classes: classes! } };
}

async function play(noise: number) {
  const { context, prepared } = await prepare(noise);
  const { runner, asked, results } = inProcessRunner(() => ({ ...context, checkpoints: emptySlot }));
  const rounds: number[] = [];
  const steps: RoundSteps = {
    runner,
    nowMs: () => 0,
    ground: () => ({ config, prepared, strengths: config.loop.strengths! }),
    onRound: (round) => rounds.push(round),
  };
  const outcome = await reweightingLoop(steps, { seed: 42, outerFolds: config.loop.outerFolds });
  return { outcome, asked, rounds, results, context };
}

const emptySlot = { load: () => Promise.resolve(undefined), save: () => Promise.resolve() };

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
