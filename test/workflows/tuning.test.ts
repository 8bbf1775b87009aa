import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { WorkflowHandle } from '@temporalio/client';
import { type Cluster, startCluster, untilStatus } from '../faults/cluster.js';
import { toyConfig } from '../fakes/toyRun.js';
import { record } from './recordHistory.js';

// Heavy: a server that suggests early to continue as new.

describe('a run that tunes, on a real server', () => {
  let cluster: Cluster;
  before(async () => {
    cluster = await startCluster(240, 0.1, { 'limit.historyCount.suggestContinueAsNew': 60 });
    await cluster.startWorker('store');
  });
  after(() => cluster.stop());

  it('continues as new between waves of trials, asks for none twice, and trains with what won', async () => {
    const config = toyConfig(join(cluster.folder, 'toy.csv'), {
      model: { name: 'factorization', factors: 2, learningRate: 1e-6, epochs: 2 },
      tune: {
        ...{ trials: 4, folds: 2, reduction: 2, leastShare: 0.5, parallel: 2, budget: { hours: 1 } },
        search: { learningRate: [1e-6, 0.3], epochs: [2, 12] },
      },
      importance: { folds: 2, refinements: 0 },
      loop: { strengths: [1e-3], outerFolds: 2, flips: 99, maxRounds: 0 },
      crossValidate: { folds: 0 },
    });
    const first = await cluster.start('train/toy/tuned', config);
    const { runId: beginning } = await first.describe();
    const { state, outputs } = await first.result();
    assert.equal(state, 'completed');
    assert.ok(outputs['report']);
    const last = cluster.client.workflow.getHandle('train/toy/tuned');
    const { runId } = await last.describe();
    assert.notEqual(runId, beginning);
    const begun = cluster.client.workflow.getHandle('train/toy/tuned', beginning);
    const asked = [...(await activitiesOf(begun)), ...(await activitiesOf(last))];
    const trials = asked.filter((path) => path.startsWith('tune.'));
    assert.ok(trials.length >= 12, trials.join());
    assert.equal(new Set(asked).size, asked.length, 'a shard was asked for twice');
    const { stages } = await untilStatus(last, (status) => status.state === 'completed');
    const { figures } = stages.find(({ path }) => path === 'tune')!;
    assert.equal(figures['trials'], 3);
    assert.ok(Number(figures['value']) > 0.5, JSON.stringify(figures));
    await record('train-tuning', begun);
    await record('train-tuned', last);
  });
});

const activitiesOf = async (handle: WorkflowHandle): Promise<string[]> =>
  ((await handle.fetchHistory()).events ?? []).flatMap(
    ({ activityTaskScheduledEventAttributes: scheduled }) => scheduled?.activityId ?? [],
  );
