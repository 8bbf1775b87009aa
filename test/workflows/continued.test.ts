import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { WorkflowHandle } from '@temporalio/client';
import { type Cluster, startCluster, untilStatus } from '../faults/cluster.js';
import { toyConfig } from '../fakes/toyRun.js';
import { record } from './recordHistory.js';

// Heavy: a server that suggests early to continue as new.

describe('a run of several rounds that continues as new between them', () => {
  let cluster: Cluster;
  before(async () => {
    cluster = await startCluster(600, 0.35, { 'limit.historyCount.suggestContinueAsNew': 40 });
    await cluster.startWorker('store');
  });
  after(() => cluster.stop());

  it('asks for nothing twice, keeps what it was told, and ends as it would have', async () => {
    const config = toyConfig(join(cluster.folder, 'toy.csv'), {
      loop: { strengths: [16, 64], outerFolds: 2, flips: 199, maxRounds: 2, policies: ['clip'] },
      budget: { hours: 10 },
      crossValidate: { folds: 0 },
    });
    const first = await cluster.start('train/toy/continued', config);
    const { runId: beginning } = await first.describe();
    const last = cluster.client.workflow.getHandle('train/toy/continued');
    const { state, figures } = await first.result();
    assert.equal(state, 'completed');
    assert.match(String(figures['loopEnded']), /Round 2 was the last|not accepted/);
    const { runId } = await last.describe();
    assert.notEqual(runId, beginning);
    const { loop } = await untilStatus(last, (status) => status.state === 'completed');
    assert.equal(loop!.round, 2);
    const begun = cluster.client.workflow.getHandle('train/toy/continued', beginning);
    const asked = [...(await activitiesOf(begun)), ...(await activitiesOf(last))];
    assert.ok(asked.includes('loop.2.importance.weigh.full'), asked.join());
    assert.equal(new Set(asked).size, asked.length, 'a shard was asked for twice');
    await record('train-continuing', begun);
    await record('train-continued', last);
  });
});

const activitiesOf = async (handle: WorkflowHandle): Promise<string[]> =>
  ((await handle.fetchHistory()).events ?? []).flatMap(
    ({ activityTaskScheduledEventAttributes: scheduled }) => scheduled?.activityId ?? [],
  );
