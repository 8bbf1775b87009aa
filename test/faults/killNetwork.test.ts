import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { WorkflowHandle } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import type { RunConfig } from '../../config/runConfig.js';
import { StageHeartbeat } from '../../contracts/heartbeat.js';
import { toyConfig } from '../fakes/toyRun.js';
import { type Cluster, isAlive, lasting, startCluster } from './cluster.js';

/** Heartbeats of the stages that run now. */
async function heartbeats(handle: WorkflowHandle): Promise<StageHeartbeat[]> {
  const { raw } = await handle.describe();
  return (raw.pendingActivities ?? []).flatMap(({ heartbeatDetails }) =>
    (heartbeatDetails?.payloads ?? []).flatMap((payload) => {
      const parsed = StageHeartbeat.safeParse(defaultPayloadConverter.fromPayload(payload));
      return parsed.success ? [parsed.data] : [];
    }),
  );
}

/** Waits until a fit has a checkpoint in the middle of an epoch: its position counts steps. */
async function untilMidEpoch(handle: WorkflowHandle, withinMs = 60_000): Promise<StageHeartbeat> {
  const end = Date.now() + withinMs;
  while (Date.now() < end) {
    const found = (await heartbeats(handle)).find(({ checkpoint }) => (checkpoint?.position ?? 0) > 2);
    if (found) return found;
    await sleep(10);
  }
  throw new Error(`no fit with a checkpoint within ${withinMs} ms`);
}

describe('killing what trains a network', () => {
  let cluster: Cluster;
  let config: RunConfig;
  let undisturbed: Record<string, unknown>;
  before(async () => {
    cluster = await startCluster(400, 0.1);
    config = toyConfig(join(cluster.folder, 'toy.csv'), {
      model: { name: 'lstm', embedding: 32, units: 48, epochs: 6, batchSize: 8 },
      features: { sequence: { length: 8 } },
      importance: { folds: 2 },
      loop: { strengths: [64], outerFolds: 2, flips: 99, maxRounds: 1, policies: ['clip'] },
      crossValidate: { folds: 0 },
    });
    const worker = await cluster.startWorker('undisturbed');
    undisturbed = lasting(await (await cluster.start('train/toy/lstm-undisturbed', config)).result());
    await worker.kill();
  });
  after(() => cluster.stop());

  it('SIGKILL of the trainer children in the middle of an epoch: the same weights, bit for bit', async () => {
    const worker = await cluster.startWorker('trainers-killed');
    const handle = await cluster.start('train/toy/lstm-trainers-killed', config);
    await untilMidEpoch(handle);
    for (const pid of worker.trainerPids) process.kill(pid, 'SIGKILL');
    assert.deepEqual(lasting(await handle.result()), undisturbed);
    await worker.kill();
  });

  it('SIGKILL of the worker in the middle of an epoch: the next worker ends with the same weights', async () => {
    const first = await cluster.startWorker('worker-killed');
    const handle = await cluster.start('train/toy/lstm-worker-killed', config);
    await untilMidEpoch(handle);
    await first.kill();
    await sleep(1_000);
    assert.deepEqual(first.trainerPids.filter(isAlive), [], 'trainer children that outlived their worker');
    const second = await cluster.startWorker('worker-killed');
    assert.deepEqual(lasting(await handle.result()), undisturbed);
    await second.kill();
  });

  it('a cancelled run ends as cancelled, and the worker is free for the next one', async () => {
    const worker = await cluster.startWorker('cancelled');
    const handle = await cluster.start('train/toy/lstm-cancelled', config);
    await untilMidEpoch(handle);
    await handle.cancel();
    await assert.rejects(handle.result(), (error: { cause?: { name?: string } }) => {
      assert.equal(error.cause?.name, 'CancelledFailure');
      return true;
    });
    const next = await cluster.start('train/toy/lstm-after-cancelled', config);
    assert.deepEqual(lasting(await next.result()), undisturbed);
    await worker.kill();
  });
});
