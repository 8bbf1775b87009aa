import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { readDocument } from '../../activities/prepared.js';
import { loadRunConfig } from '../../config/load.js';
import type { RunConfig } from '../../config/runConfig.js';
import type { RunOutcome } from '../../contracts/run.js';
import type { StageContext } from '../../contracts/store.js';
import { Analysis, GateDecision, RunSummary } from '../../contracts/summary.js';
import { makeClicks } from '../../datasets/syntheticClicks.js';
import { makeInteractions } from '../../datasets/syntheticInteractions.js';
import type { BuiltinTable } from '../../datasets/dataset.js';
import { modelByName } from '../../models/index.js';
import { trainingJob } from '../../workflows/job.js';
import { newRunState } from '../../workflows/progress.js';
import { fakeStageContext } from '../fakes/stageContext.js';
import { inProcessRunner } from '../fakes/stageRunner.js';

const csvOf = ({ header, rows }: BuiltinTable): string =>
  [header, ...rows].map((cells) => cells.join(',')).join('\n');

interface Played {
  readonly outcome: RunOutcome;
  readonly context: StageContext;
  readonly analysis: Analysis;
  readonly summary: RunSummary;
}

/** A whole run, without a server. */
async function play(table: BuiltinTable, config: RunConfig, strengths: readonly number[]): Promise<Played> {
  const checkpoints = { load: () => Promise.resolve(undefined), save: () => Promise.resolve() };
  const context = { ...fakeStageContext({ 'log.csv': csvOf(table) }), checkpoints };
  const state = newRunState(config);
  const { runner } = inProcessRunner(() => context, state.done);
  const host = { runId: 'train/clicks/1', runner, nowMs: () => 0, pause: () => Promise.resolve() };
  const outcome = await trainingJob(state, { strengths: [...strengths] }, host);
  const document = async (name: string): Promise<unknown> =>
    readDocument(context.artifacts, outcome.outputs[name]![0]!);
  return {
    ...{ outcome, context },
    analysis: Analysis.parse(await document('analysis')),
    summary: RunSummary.parse(await document('summary')),
  };
}

const load = (text: string): RunConfig => loadRunConfig(text, { path: 'clicks.yaml' });
const valueOf = ({ analysis }: Played, metric: string): number =>
  analysis.arms.find(({ name }) => name === 'weighted')!.metrics[metric]!.value;

const clicks = (task: string, more = ''): RunConfig =>
  load(`name: clicks
task: ${task}
dataset:
  source: log.csv
  columns:
    { id: id, target: click, split: split, group: session, numeric: [place, similarity, price], categorical: [query]${more} }
  split: { by: column }
features: { categorical: { buckets: 256 } }
importance: { source: session, folds: 3 }
loop: { outerFolds: 3, flips: 499, maxRounds: 1 }
crossValidate: { folds: 3 }
analyse: { bootstraps: 100 }
`);

describe('a run over clicks', () => {
  let played: Played;
  before(async () => {
    played = await play(makeClicks(120, 42), clicks('ctr'), [1]);
  });

  it('knows more than the click rate, and is calibrated', () => {
    assert.ok(valueOf(played, 'relative_information') > 0.05, `${valueOf(played, 'relative_information')}`);
    const calibration = valueOf(played, 'calibration_ratio');
    assert.ok(calibration > 0.85 && calibration < 1.15, `${calibration}`);
    const sum = valueOf(played, 'relative_information') + valueOf(played, 'normalized_entropy');
    assert.ok(Math.abs(sum - 1) < 1e-12);
  });

  it('chooses by relative information, between uniform and trust in whole sessions', () => {
    assert.equal(played.analysis.metric, 'relative_information');
    const [start, round] = played.summary.rounds;
    assert.equal(start!.incumbent, 'uniform');
    assert.deepEqual([...new Set(round!.candidates.map(({ policy }) => policy))], ['source_trust']);
  });

  it('ends in a gate and a page', async () => {
    const { context, outcome } = played;
    const gate = GateDecision.parse(await readDocument(context.artifacts, outcome.outputs['gate']![0]!));
    assert.ok(gate.checks.some(({ name }) => name.includes('relative_information')));
    const page = new TextDecoder().decode(await context.artifacts.readBlob(outcome.outputs['report']![0]!));
    assert.match(page, /calibration_ratio/);
  });

  it('predicts the rate of all rows where it trained on a fifth of the negatives, and so does the stored model', async () => {
    const few = await play(makeClicks(120, 42), clicks('{ name: ctr, negatives: 0.2 }'), [1]);
    const calibration = valueOf(few, 'calibration_ratio');
    assert.ok(calibration > 0.8 && calibration < 1.25, `${calibration}`);
    const tensors = await few.context.artifacts.readModel(few.outcome.outputs['model']![0]!);
    const shift = tensors.find(({ name }) => name === 'logit_shift')!;
    assert.deepEqual([...shift.data], [0, Math.log(0.2)]);
    const without = tensors.filter(({ name }) => name !== 'logit_shift');
    const { cols, rows, indptr, indices, values } = oneRow(Number(without[0]!.shape[0]));
    const input = { kind: 'sparse' as const, matrix: { cols, rows, indptr, indices, values } };
    const [raw, shifted] = [without, tensors].map((some) =>
      modelByName('linear').load(some).predictLogits(input),
    );
    assert.ok(Math.abs(shifted![1]! - raw![1]! - Math.log(0.2)) < 1e-12);
  });

  it('tells what another policy would have earned, and is refused where it predicts too much', async () => {
    const table = makeClicks(60, 7);
    const logged = {
      header: [...table.header, 'chance'],
      rows: table.rows.map((cells, at) => [...cells, at % 2 === 0 ? '0.2' : '0.8']),
    };
    const asked = clicks('ctr', ', propensity: chance');
    const { analysis, context, outcome } = await play(
      logged,
      {
        ...asked,
        analyse: { ...asked.analyse, counterfactual: { target: 0.5, limit: 2 } },
        gate: { ...asked.gate, calibrationRatio: [3, 4] },
      },
      [1],
    );
    const { estimates, rows } = analysis.counterfactual!;
    const [asLogged, ips, clipped, snips] = estimates;
    assert.equal(asLogged!.effectiveSampleSize, rows);
    // Weights 2.5 and 0.625, half of the rows each: (Σw)²/Σw² is 25/34 of them.
    assert.ok(
      Math.abs(ips!.effectiveSampleSize / rows - 25 / 34) < 0.01,
      `${ips!.effectiveSampleSize} of ${rows}`,
    );
    assert.ok(clipped!.clipped > 0 && clipped!.largestWeight === 2);
    assert.ok(snips!.low < snips!.value && snips!.value < snips!.high);
    const gate = GateDecision.parse(await readDocument(context.artifacts, outcome.outputs['gate']![0]!));
    const failed = gate.checks.filter(({ passed }) => !passed);
    assert.deepEqual(
      failed.map(({ metric, slice, threshold }) => [metric, slice, threshold]),
      [['calibration_ratio', 'all test rows', 3]],
    );
    const page = new TextDecoder().decode(await context.artifacts.readBlob(outcome.outputs['report']![0]!));
    assert.match(page, /id="counterfactual"[^]*the other, SNIPS/);
  });

  it('weighs training rows by 1 over their propensity: what was logged half as often counts twice', async () => {
    const table = makeClicks(60, 7);
    const chance = (at: number): string => (at % 2 === 0 ? '0.2' : '0.8');
    const logged = {
      header: [...table.header, 'chance'],
      rows: table.rows.map((cells, at) => [...cells, chance(at)]),
    };
    const plain = await play(logged, clicks('ctr'), [1]);
    const inverse = await play(logged, clicks('ctr', ', propensity: chance'), [1]);
    assert.notEqual(valueOf(inverse, 'log_loss'), valueOf(plain, 'log_loss'));
    assert.notEqual(valueOf(inverse, 'log_loss'), valueOf(inverse, 'log_loss[inverse_propensity]'));
    assert.equal(plain.analysis.arms[0]!.metrics['log_loss[inverse_propensity]'], undefined);
    assert.ok(valueOf(inverse, 'relative_information') > 0);
  });
});

/** An empty row of d features. */
const oneRow = (cols: number) => ({
  ...{ rows: 1, cols, indptr: Int32Array.of(0, 0) },
  ...{ indices: new Int32Array(0), values: new Float32Array(0) },
});

describe('a run over what users took', () => {
  let played: Played;
  before(async () => {
    const config = load(`name: lists
task: recommendation
dataset:
  source: log.csv
  columns: { id: id, target: taken, split: split, group: list, categorical: [user, item] }
  split: { by: column }
model: { name: factorization, factors: 8, epochs: 15 }
loop: { outerFolds: 3 }
crossValidate: { folds: 3 }
analyse: { bootstraps: 100 }
`);
    played = await play(makeInteractions(40, 100, 42), config, [1e-4]);
  });

  it('ranks what a user took above what the user did not', () => {
    // Of 55 candidates 5 were taken: a random list of ten has a hit rate near .63 and an ndcg@10 near .09.
    assert.ok(valueOf(played, 'ndcg@10') > 0.2, `${valueOf(played, 'ndcg@10')}`);
    assert.ok(valueOf(played, 'hit_rate@10') > 0.75, `${valueOf(played, 'hit_rate@10')}`);
    assert.ok(valueOf(played, 'recall@10') > 0.25, `${valueOf(played, 'recall@10')}`);
  });

  it('weighs nobody by surprise, and keeps users known in every fold', () => {
    assert.deepEqual(
      played.summary.rounds.map(({ accepted }) => accepted),
      ['uniform'],
    );
    const [folds] = played.summary.crossValidation.filter(({ metric }) => metric === 'ndcg@10');
    assert.ok(folds!.mean > 0.2, `${folds!.mean}`);
  });
});
