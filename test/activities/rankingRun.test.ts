import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { gate } from '../../activities/gate.js';
import { readDocument } from '../../activities/prepared.js';
import type { RunConfig } from '../../config/runConfig.js';
import { GateConfig } from '../../contracts/gateSettings.js';
import type { RunOutcome } from '../../contracts/run.js';
import type { StageResult } from '../../contracts/stage.js';
import type { StageContext } from '../../contracts/store.js';
import { GateDecision, RunSummary } from '../../contracts/summary.js';
import { evidencePlan, estimatorByName } from '../../core/importance/index.js';
import { taskOf } from '../../core/tasks/index.js';
import { gather, integers, numbers } from '../../core/table.js';
import { linear } from '../../models/linear.js';
import { trainingJob } from '../../workflows/job.js';
import { newRunState } from '../../workflows/progress.js';
import { wasmEngine } from '../fakes/engine.js';
import { fakeStageContext } from '../fakes/stageContext.js';
import { inProcessRunner } from '../fakes/stageRunner.js';
import { toyRankingConfig as config, toyRankingCsv as csv } from '../fakes/toyRanking.js';

describe('a whole run of a ranking, without a server', () => {
  let outcome: RunOutcome;
  let context: StageContext;
  let summary: RunSummary;
  let results: ReadonlyMap<string, StageResult>;
  before(async () => {
    const checkpoints = { load: () => Promise.resolve(undefined), save: () => Promise.resolve() };
    context = { ...fakeStageContext({ 'toy.csv': csv() }), checkpoints };
    const state = newRunState(config);
    const { runner, results: found } = inProcessRunner(() => context, state.done);
    results = found;
    const host = { runId: 'train/toy/1', runner, nowMs: () => 0, pause: () => Promise.resolve() };
    const evidence = evidencePlan(estimatorByName('query_pvi'), linear, taskOf(config.task));
    outcome = await trainingJob(state, { strengths: [1], evidence }, host);
    summary = RunSummary.parse(await readDocument(context.artifacts, outcome.outputs['summary']![0]!));
  });

  it('judges by NDCG@10 over queries, with an interval, beside MRR, MAP and recall', () => {
    assert.equal(summary.task, 'ranking');
    assert.equal(summary.analysis!.metric, 'ndcg@10');
    for (const { metrics } of summary.analysis!.arms) {
      for (const name of ['ndcg@10', 'mrr@10', 'map@10', 'recall@10']) assert.ok(metrics[name], name);
      const { low, value, high } = metrics['ndcg@10']!;
      assert.ok(low <= value && value <= high && value > 0.9, `${low} ${value} ${high}`);
    }
  });

  it('gives all items of a query the same weight, and shuffled queries less', async () => {
    const samples = await gather(context.artifacts.readTable(outcome.outputs['samples']![0]!));
    const table = await gather(context.artifacts.readTable(outcome.outputs['weights']![0]!));
    const weights = numbers(table, 'clip');
    const groups = integers(samples, 'group');
    const byQuery = new Map<number, Set<number>>();
    integers(table, 'row').forEach((row, i) => {
      const held = byQuery.get(groups[row]!) ?? new Set();
      byQuery.set(groups[row]!, held.add(weights[i]!));
    });
    assert.ok([...byQuery.values()].every((distinct) => distinct.size === 1));
    const mean = (wanted: (q: number) => boolean): number => {
      const own = [...byQuery.values()].flatMap((distinct, q) => (wanted(q) ? [...distinct] : []));
      return own.reduce((sum, weight) => sum + weight, 0) / own.length;
    };
    assert.ok(mean((q) => q % 3 === 0) < 0.5 * mean((q) => q % 3 !== 0));
  });

  it('tests candidates by query, and proposes no slice to boost', () => {
    assert.equal(summary.rounds[1]!.candidates.length, 1);
    assert.deepEqual(summary.boosts, []);
  });

  it('cross-validates every metric of a ranking', () => {
    assert.ok(
      summary.crossValidation.some(({ metric, perFold }) => metric === 'map@10' && perFold.length === 2),
    );
  });

  it('is refused where short queries are ranked worse than they may be, by queries', async () => {
    const of = (stage: string) => results.get(stage)!.outputs;
    const slices = { 'query length ≤ 2 words': { minimum: 1.01, minSupport: 3 } };
    const params = {
      ...{ task: config.task, policy: 'clip', effectiveSampleSize: 1, columns: config.dataset.columns },
      gate: GateConfig.parse({ minRows: 10, slices }),
    };
    const inputs = { ...of('featurize'), ...of('analyse'), dataset: of('clean')['dataset']! };
    const { outputs } = await gate.run({ path: 'gate', seed: 1, params, inputs }, context);
    const decision = GateDecision.parse(await readDocument(context.artifacts, outputs['decision']![0]!));
    const [failed] = decision.checks.filter(({ passed }) => !passed);
    assert.deepEqual(
      [failed?.metric, failed?.slice, failed?.threshold],
      ['ndcg@10', 'query length ≤ 2 words', 1.01],
    );
    assert.match(decision.reason, /\(95%: .*; 8 groups\), allowed at least 1\.01/); // q75, q77, …, q89
  });

  it('ends in a gate by query, and a page', async () => {
    const decision = GateDecision.parse(await readDocument(context.artifacts, outcome.outputs['gate']![0]!));
    assert.ok(decision.checks.some(({ name }) => name.includes('ndcg@10')));
    const page = new TextDecoder().decode(await context.artifacts.readBlob(outcome.outputs['report']![0]!));
    assert.match(page, /ndcg@10/);
  });
});

describe('a ranking by a network, on pairs', () => {
  it('is trained, stopped early by NDCG and judged query by query', async () => {
    const checkpoints = { load: () => Promise.resolve(undefined), save: () => Promise.resolve() };
    const context = { ...fakeStageContext({ 'toy.csv': csv() }), checkpoints, engine: wasmEngine };
    const asked: RunConfig = {
      ...config,
      task: { name: 'ranking', loss: 'lambdarank' },
      model: { name: 'mlp', hidden: [8], epochs: 4, learningRate: 0.05, batchSize: 60 },
      loop: { ...config.loop, maxRounds: 0, strengths: [64], outerFolds: 2 },
      crossValidate: { folds: 0 },
    };
    const state = newRunState(asked);
    const { runner } = inProcessRunner(() => context, state.done);
    const host = { runId: 'train/toy/2', runner, nowMs: () => 0, pause: () => Promise.resolve() };
    const { outputs } = await trainingJob(state, { strengths: [64] }, host);
    const summary = RunSummary.parse(await readDocument(context.artifacts, outputs['summary']![0]!));
    const { value } = summary.analysis!.arms[0]!.metrics['ndcg@10']!;
    assert.ok(value > 0.9, `${value}`);
  });
});
