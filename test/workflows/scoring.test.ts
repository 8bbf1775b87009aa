import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { readDocument } from '../../activities/prepared.js';
import type { RunConfig, RunConfigInput } from '../../config/runConfig.js';
import type { StageResult } from '../../contracts/stage.js';
import { SourceTable } from '../../contracts/summary.js';
import { trainingSet } from '../../activities/unit.js';
import { innerFolds, unitRows } from '../../core/choice/division.js';
import { outOfFoldEvidence, type FitPath } from '../../core/choice/outOfFold.js';
import { scoreUnit } from '../../core/choice/scoreUnit.js';
import { estimatorByName, estimators, evidencePlan, spearman } from '../../core/importance/index.js';
import { FULL_UNIT } from '../../core/loop/unit.js';
import { rocAuc } from '../../core/metrics/index.js';
import { gather, integers, numbers, vectors } from '../../core/table.js';
import { classification } from '../../core/tasks/classification.js';
import { modelByName } from '../../models/index.js';
import { linear } from '../../models/linear.js';
import type { Ground } from '../../workflows/pipeline.js';
import { makeWeights } from '../../workflows/scoring.js';
import { inputRows, loadPrepared } from '../../activities/prepared.js';
import { preparedRun } from '../fakes/preparedRun.js';
import { inProcessRunner } from '../fakes/stageRunner.js';
import { toyConfig, toyCsv } from '../fakes/toyRun.js';

const ROWS = 300;

/** The toy table, with a query of ten rows and a vendor each; vendor v0 gives all the wrong labels. */
function table(noise = 0.25): string {
  const [head, ...lines] = toyCsv(ROWS, noise).trim().split('\n');
  const rows = lines.map((line, i) => `${line},q${Math.floor(i / 10)},${isWrong(line) ? 'v0' : `v${i % 4}`}`);
  return [`${head},query,vendor`, ...rows].join('\n');
}

/** The toy's text tells its true topic. */
const isWrong = (line: string): boolean => {
  const [, text = '', label = ''] = line.split(',');
  return !text.includes(`${label}word`);
};

const configOf = (
  importance: Partial<RunConfigInput['importance'] & object>,
  policies = ['clip'],
): RunConfig =>
  toyConfig('toy.csv', {
    dataset: {
      source: 'toy.csv',
      columns: { id: 'id', target: 'label', text: ['text'], split: 'split', group: 'query' },
      split: { by: 'column' },
    },
    importance: { folds: 3, refinements: 0, ...importance } as RunConfigInput['importance'],
    loop: { strengths: [4], outerFolds: 2, policies },
  });

type Prepared = Awaited<ReturnType<typeof preparedRun>>;

async function scored(ready: Prepared, config: RunConfig, strengths = [4], started = config.importance) {
  const { runner, asked } = inProcessRunner(() => ready.context);
  const plan = evidencePlan(
    estimatorByName(started.estimator),
    modelByName(config.model.name),
    classification,
  );
  const ground = (): Ground => ({ config, ...ready, strengths, evidence: plan });
  const scheme = { seed: 42, outerFolds: 2 };
  const where = {
    path: 'importance',
    shardPath: 'importance',
    scheme,
    units: [FULL_UNIT],
    current: new Map(),
  };
  const steps = { runner, ground, nowMs: () => 0, pause: () => Promise.resolve(), onRound: () => undefined };
  const made = await makeWeights(steps, where, config.loop.policies);
  const result = made!.get(FULL_UNIT)!;
  const { rows, scores } = await scoresOf(ready, result);
  return { result, asked, rows, scores };
}

async function scoresOf({ context }: Prepared, { outputs }: StageResult) {
  const read = await gather(context.artifacts.readTable(outputs['scores']![0]!));
  return { rows: integers(read, 'row'), scores: numbers(read, 'score') as Float64Array };
}

describe('scores and weights of a run', () => {
  let ready: Prepared;
  let wrong: Uint8Array;
  before(async () => {
    const csv = table();
    ready = await preparedRun(csv, configOf({}));
    wrong = Uint8Array.from(csv.split('\n').slice(1), (line) => Number(isWrong(line))); // in order of ids
  });
  const detection = ({ rows, scores }: { rows: Int32Array; scores: Float64Array }): number =>
    rocAuc(
      scores.map((score) => -score),
      Int32Array.from(rows, (row) => wrong[row]!),
    );

  const costly = new Map([
    ['data_shapley', { units: 6, perUnit: 2 }],
    ['beta_shapley', { units: 6, perUnit: 2 }],
    ['data_banzhaf', { units: 6, perUnit: 20 }],
    ['data_oob', { trees: 30 }],
  ]);
  for (const { name, detectsLabelErrors, requires } of estimators) {
    it(`${name} scores every training row from what the run made for it`, async () => {
      const made = await scored(
        ready,
        configOf({ estimator: name, params: costly.get(name) ?? {}, folds: 2 }),
      );
      assert.equal(made.scores.length, (ROWS * 7) / 10);
      assert.ok(made.scores.every(Number.isFinite));
      const { warning } = made.result.figures;
      if (requires.includes('validation'))
        assert.match(String(warning), /held-out folds, of which an estimated/);
      else assert.equal(warning, undefined);
      // A validation side as noisy as the rest may leave nothing to be found: that is what the warning says.
      if (detectsLabelErrors && warning === undefined)
        assert.ok(detection(made) > 0.55, `${detection(made)}`);
    });
  }

  it('follows the fits of a model that has epochs of its own, at the strength that its evidence favours', async () => {
    const model = { name: 'trees', trees: 12 };
    const config = { ...configOf({ estimator: 'cartography' }), model };
    const made = await scored(ready, config, [100, 5]);
    assert.deepEqual(
      made.asked.map(({ stage }) => stage),
      ['evidence', 'evidence', 'evidence', 'dynamics', 'weigh'],
    );
    assert.equal(made.result.figures['evidenceStrength'], 5);
    assert.ok(detection(made) > 0.6, `${detection(made)}`);
  });

  it('says what to type where a retry names an estimator that the run was not started for', async () => {
    const config = configOf({ estimator: 'aum' });
    await assert.rejects(
      scored(ready, config, [4], configOf({}).importance),
      /aum needs dynamics, which this run has not made.*assay retry RUN --from importance --set importance\.estimator=aum/,
    );
  });

  it('does not warn of held-out labels that are clean', async () => {
    const config = configOf({ estimator: 'knn_shapley' });
    const clean = table(0);
    const { result } = await scored(await preparedRun(clean, config), config);
    assert.equal(result.figures['warning'], undefined);
    assert.ok(Number(result.figures['validationNoiseRate']) < 0.05);
  });

  it('plays a game unit by unit to the bits of one process that played as many', async () => {
    const params = { perUnit: 2, units: 12, rankCorrelation: 2 };
    const made = await scored(ready, configOf({ estimator: 'data_shapley', params }));
    const played = made.asked.filter(({ stage }) => stage === 'play');
    assert.deepEqual(
      played.map(({ path }) => path),
      Array.from({ length: 12 }, (_, i) => `importance.play.full.${i}`),
    );
    assert.deepEqual(await inOneProcess('data_shapley', params), made.scores);
  });

  it('plays no further round once values are known well enough', async () => {
    const params = { perUnit: 20, units: 40, rankCorrelation: 0.5 };
    const made = await scored(ready, configOf({ estimator: 'data_banzhaf', params }));
    assert.equal(made.asked.filter(({ stage }) => stage === 'play').length, 10);
    const told = made.asked.filter(({ stage }) => stage === 'tally').map(({ path }) => path);
    assert.deepEqual(told, ['importance.tally.full.0', 'importance.tally.full.5']);
  });

  it('spends no more units than the budget of a game has', async () => {
    const params = { perUnit: 2, units: 3, rankCorrelation: 2 };
    const made = await scored(ready, configOf({ estimator: 'data_banzhaf', params }));
    assert.deepEqual(await inOneProcess('data_banzhaf', params), made.scores);
  });

  async function inOneProcess(name: string, params: object): Promise<Float64Array> {
    const samples = await loadPrepared(ready.prepared, ready.context);
    const scheme = { seed: 42, outerFolds: 2 };
    const { training } = unitRows(samples, scheme, FULL_UNIT);
    const features = inputRows(samples.input, training);
    assert.ok(features.kind === 'sparse');
    const evidence = {
      targets: training.map((row) => samples.targets[row]!),
      outputs: samples.classes.length,
      features,
      folds: innerFolds(samples, training, scheme, 3),
    };
    return scoreUnit(estimatorByName(name), evidence, { params, seed: 42 });
  }

  it('scores by several cross-fits, says how far they agree, and draws weights to 1 by it', async () => {
    const once = await scored(ready, configOf({}));
    const twice = await scored(ready, configOf({ reliability: { repeats: 2 } }));
    assert.equal(twice.asked.filter(({ stage }) => stage === 'evidence').length, 6);
    const { rankStability, reliability } = twice.result.figures;
    assert.ok(Number(rankStability) > 0.5 && Number(rankStability) < Number(reliability));
    assert.ok(Number(reliability) < 1);
    assert.ok(spearman(once.scores, twice.scores) > 0.8);
    assert.notDeepEqual(once.scores, twice.scores);
  });

  it('refines the evidence stage by stage as one process does', async () => {
    const config = configOf({ refinements: 2 });
    const strengths = [1, 4, 16];
    const { asked, result } = await scored(ready, config, strengths);
    const stages = asked.map(({ stage }) => stage);
    assert.deepEqual(stages, [
      ...Array<string>(3).fill('evidence'),
      ...Array<string>(6).fill('refine'),
      'weigh',
    ]);
    assert.equal(asked[8]!.path, 'importance.refine.2.full.2');
    const samples = await loadPrepared(ready.prepared, ready.context);
    const { training } = unitRows(samples, { seed: 42, outerFolds: 2 }, FULL_UNIT);
    const folds = innerFolds(samples, training, { seed: 42, outerFolds: 2 }, 3);
    const fit: FitPath = async (unit, weights, path) => {
      const all = new Float64Array(samples.ids.length);
      unit.training.forEach((row, i) => (all[row] = weights[i]!));
      const set = trainingSet(samples, unit.training, all);
      const models = await Promise.all(
        path!.map((C) => linear.fit(set, linear.paramsSchema.parse({ C }), { seed: 42 })),
      );
      return models.map((model) => model.predictLogits(inputRows(samples.input, unit.heldOut)));
    };
    const settings = {
      ...{ task: classification, metric: 'accuracy', outputs: samples.classes.length, strengths },
      ...{ innerFolds: 3, refinements: 2, minEffectiveSampleSize: 0.3, duplicateCap: 1 },
    };
    const { evidence, strength } = await outOfFoldEvidence(training, folds, samples, settings, fit);
    const best = await gather(ready.context.artifacts.readTable(result.outputs['best']![0]!));
    assert.equal(result.figures['evidenceStrength'], strength);
    assert.equal(result.figures['evidenceRefined'], 1);
    const { values } = vectors(best, 'logits');
    const furthest = Math.max(...evidence.logits!.map((logit, i) => Math.abs(logit - values[i]!)));
    assert.ok(furthest < 0.01, `logits differ by ${furthest}`); // where solvers stop depends on where they start
  });

  it('tells the noise rate of every source, and weighs by it where asked to', async () => {
    const config = configOf({ source: 'vendor' }, ['noise_posterior', 'source_noise']);
    const { result, rows } = await scored(ready, config);
    const found = SourceTable.parse(
      await readDocument(ready.context.artifacts, result.outputs['sources']![0]!),
    );
    assert.equal(found.count, 4);
    const [noisiest, next] = found.sources;
    assert.equal(noisiest!.name, 'v0');
    assert.ok(noisiest!.rate > 1.5 * next!.rate, JSON.stringify(found));
    assert.equal(result.figures['noisiestSource'], 'v0');
    const weights = await gather(ready.context.artifacts.readTable(result.outputs['weights']![0]!));
    const byPolicy = (policy: string): number =>
      detection({ rows, scores: numbers(weights, policy) as Float64Array });
    assert.ok(byPolicy('source_noise') > byPolicy('noise_posterior') + 0.02);
  });

  it('takes the column of groups for sources too, by the name that the user gave it', async () => {
    const { result } = await scored(ready, configOf({ source: 'query' }));
    const { artifacts } = ready.context;
    const found = SourceTable.parse(await readDocument(artifacts, result.outputs['sources']![0]!));
    assert.equal(found.column, 'query');
    assert.equal(found.count, 30);
    assert.match(found.sources[0]!.name, /^q\d+$/);
  });

  it('names the columns that there are, where the column of sources is none of them', async () => {
    await assert.rejects(
      scored(ready, configOf({ source: 'agency' })),
      /importance\.source: the dataset has no column "agency"; it has .*vendor/,
    );
  });
});
