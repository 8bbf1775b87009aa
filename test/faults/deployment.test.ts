import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { WorkflowHandle } from '@temporalio/client';
import type { RunConfig } from '../../config/runConfig.js';
import { RESOLVE_UPDATE } from '../../contracts/names.js';
import type { ResolveStage } from '../../contracts/run.js';
import { QUICK, toyConfig } from '../fakes/toyRun.js';
import { lasting, startCluster, untilBlocked, type Cluster, type WorkerProcess } from './cluster.js';
import { buildsOf, makeCurrent, newerCode, versionOf } from './deployment.js';

// Heavy: a real server, workers of two versions.

const retryOn = (handle: WorkflowHandle, source: string): Promise<string> =>
  handle.executeUpdate<string, [ResolveStage]>(RESOLVE_UPDATE, {
    args: [{ action: 'retry', stage: 'ingest', set: { 'dataset.source': source } }],
  });

describe('workers as versions of a deployment', () => {
  let cluster: Cluster;
  let config: RunConfig;
  let source = '';
  let blocked: WorkflowHandle;
  let older: WorkerProcess;
  before(async () => {
    cluster = await startCluster(200, 0.1);
    source = join(cluster.folder, 'toy.csv');
    config = toyConfig(source, QUICK);
    older = await cluster.startWorker('shared', versionOf('older'));
    await makeCurrent(cluster, 'older');
    const broken = toyConfig('/no/such/file.csv', QUICK);
    blocked = await cluster.start('train/toy/begun-with-older', broken);
    await untilBlocked(blocked);
    await cluster.startWorker('shared', { ...versionOf('newer'), ...(await newerCode(cluster.folder)) });
  });
  after(() => cluster.stop());

  it('do no work before their version is current', async () => {
    await (await cluster.start('train/toy/before', config)).result();
    assert.deepEqual(await buildsOf(cluster, 'train/toy/before'), ['older']);
  });

  it('take over a run that older ones began, although newer workflows do more; its stages end alike', async () => {
    await makeCurrent(cluster, 'newer');
    await older.kill();
    await retryOn(blocked, source);
    const outcome = await blocked.result();
    assert.deepEqual(await buildsOf(cluster, blocked.workflowId), ['older', 'newer']);
    const begun = await cluster.start('train/toy/after', config);
    const newer = await begun.result();
    assert.deepEqual(await buildsOf(cluster, 'train/toy/after'), ['newer']);
    assert.deepEqual(lasting(outcome as typeof newer), lasting(newer));
    const { events } = await begun.fetchHistory();
    const timers = events?.filter((event) => event.timerStartedEventAttributes) ?? [];
    assert.equal(timers.length, 1, 'the one thing more that newer workflows do');
  });

  it('of an older version get no work any more when they come back', async () => {
    await cluster.startWorker('shared', versionOf('older'));
    await sleep(500);
    await (await cluster.start('train/toy/later', config)).result();
    assert.deepEqual(await buildsOf(cluster, 'train/toy/later'), ['newer']);
  });
});
