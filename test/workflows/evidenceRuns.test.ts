import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { cp, writeFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import type { RunConfigInput } from '../../config/runConfig.js';
import { LINEAGE_QUERY, STATUS_QUERY } from '../../contracts/names.js';
import type { RunLineage, RunStatus } from '../../contracts/run.js';
import { modulePath } from '../../infra/modules.js';
import { type Cluster, startCluster } from '../faults/cluster.js';
import { toyConfig } from '../fakes/toyRun.js';
import { repositoryRoot } from '../paths.js';
import { FLAKY_SEED } from './flakyStages.js';
import { record } from './recordHistory.js';

describe('runs that do more than predict, on a real server', () => {
  let cluster: Cluster;
  before(async () => {
    cluster = await startCluster(240, 0.3);
    const stagesModule = pathToFileURL(modulePath(import.meta.url, './flakyStages')).href;
    await cluster.startWorker('store', { stagesModule });
  });
  after(() => cluster.stop());

  async function play(name: string, more: Partial<RunConfigInput>): Promise<string[]> {
    const config = toyConfig(join(cluster.folder, 'toy.csv'), {
      loop: { strengths: [16], outerFolds: 2, flips: 199, maxRounds: 1 },
      crossValidate: { folds: 0 },
      ...more,
    });
    const handle = await cluster.start(`train/toy/${name}`, config);
    const outcome = await handle.result();
    assert.equal(outcome.state, 'completed');
    assert.ok(outcome.outputs['report']);
    await record(`train-${name}`, handle);
    const { events } = await handle.fetchHistory();
    return (events ?? []).flatMap(
      ({ activityTaskScheduledEventAttributes: asked }) => asked?.activityType?.name ?? [],
    );
  }

  it('aum: one descent for each unit', async () => {
    const asked = await play('aum', { importance: { estimator: 'aum', folds: 3 } });
    assert.equal(asked.filter((stage) => stage === 'descent').length, 3);
    assert.ok(!asked.includes('play'));
  });

  it('data_banzhaf: rounds of games until the budget is spent', async () => {
    const params = { units: 6, perUnit: 20, rankCorrelation: 2 };
    const asked = await play('game', { importance: { estimator: 'data_banzhaf', params, folds: 3 } });
    assert.equal(asked.filter((stage) => stage === 'play').length, 3 * 6);
    assert.equal(asked.filter((stage) => stage === 'tally').length, 3 * 2);
  });

  it('data_banzhaf of which a game fails: goes on with the others where they are enough, and says so', async () => {
    const params = { units: 6, perUnit: 20, rankCorrelation: 2 };
    const asked = await play('lost', {
      seed: FLAKY_SEED,
      importance: { estimator: 'data_banzhaf', params, folds: 3, minSuccess: 0.8 },
    });
    assert.equal(asked.filter((stage) => stage === 'play').length, 3 * 6);
    const handle = cluster.client.workflow.getHandle('train/toy/lost');
    const { stages } = await handle.query<RunStatus>(STATUS_QUERY);
    const lost = stages.reduce((sum, { figures }) => sum + Number(figures['lostShards'] ?? 0), 0);
    assert.equal(lost, 3);
    const { lost: paths } = await handle.query<RunLineage>(LINEAGE_QUERY);
    assert.ok(
      paths!.every((path) => /\.play\.\w+\.2$/.test(path)),
      paths!.join(),
    );
  });

  const short: Partial<RunConfigInput> = {
    importance: { folds: 2, refinements: 0 },
    loop: { strengths: [16], outerFolds: 2, flips: 99, maxRounds: 0 },
  };

  it('a network under aum: its dynamics, for each unit', async () => {
    const asked = await play('dynamics', {
      ...short,
      importance: { estimator: 'aum', folds: 2, refinements: 0 },
      loop: { strengths: [16], outerFolds: 2, flips: 99, maxRounds: 1, policies: ['clip'] },
      model: { name: 'mlp', hidden: [8], epochs: 2 },
    });
    assert.ok(asked.includes('dynamics'), asked.join());
  });

  it('knowledge: one look at the targets, and its features', async () => {
    const rules = [{ name: 'first', if: { column: 'text', contains: 'topic0word1' }, then: 'topic0' }];
    const asked = await play('knowledge', { ...short, knowledge: { rules } });
    assert.equal(asked.filter((stage) => stage === 'knowledge').length, 1);
  });

  it('an encoder of others, pretrained on: taken in, and trained before any fit', async () => {
    const encoder = join(cluster.folder, 'bert');
    await cp(join(repositoryRoot, 'test/fixtures/bert'), encoder, { recursive: true });
    await writeFile(join(cluster.folder, 'more.txt'), 'a b c\n'.repeat(20));
    const asked = await play('pretrained', {
      ...short,
      model: { name: 'transformer', from: encoder, epochs: 1 },
      features: { sequence: { length: 8 } },
      pretrain: { source: join(cluster.folder, 'more.txt'), epochs: 1 },
    });
    const first = ['importModel', 'pretrainTexts', 'pretrain', 'fit'].map((stage) => asked.indexOf(stage));
    assert.ok(
      first.every((at, i) => at >= 0 && (i === 0 || at > first[i - 1]!)),
      asked.join(),
    );
  });
});
