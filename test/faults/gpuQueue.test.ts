import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { TASK_QUEUE } from '../../contracts/names.js';
import { findTensorflow } from '../../infra/tensorflow/findTensorflow.js';
import { toyConfig } from '../fakes/toyRun.js';
import { type Cluster, startCluster, untilStatus } from './cluster.js';

describe('a run for a GPU', () => {
  let cluster: Cluster;
  before(async () => {
    cluster = await startCluster(300, 0.1);
  });
  after(() => cluster.stop());

  it('asks the queue assay-gpu for what computes with the model, and assay-cpu for the rest', async () => {
    const worker = await cluster.startWorker('gpu');
    const handle = await cluster.start('train/toy/gpu', toyConfig(join(cluster.folder, 'toy.csv')), 'gpu');
    await untilStatus(handle, ({ stages }) =>
      stages.some(({ path, state }) => path === 'train' && state === 'running'),
    );
    const { events } = await handle.fetchHistory();
    const asked = (events ?? []).flatMap(({ activityTaskScheduledEventAttributes: activity }) =>
      activity ? [[activity.activityType?.name, activity.taskQueue?.name] as const] : [],
    );
    const queues = Object.fromEntries(asked);
    assert.deepEqual(queues, {
      ingest: TASK_QUEUE.cpu,
      clean: TASK_QUEUE.cpu,
      featurize: TASK_QUEUE.cpu,
      profile: TASK_QUEUE.cpu,
      fit: TASK_QUEUE.gpu,
    });
    await handle.terminate('seen enough');
    await worker.kill();
  });

  it('is not served by a worker of role gpu where TensorFlow has no CUDA: it does not start, and says why', async (t) => {
    if (await findTensorflow({ gpu: true })) return t.skip('this machine has TensorFlow with CUDA');
    await assert.rejects(cluster.startWorker('gpu-role', { roles: ['gpu'] }), /ended before it was ready/);
  });
});
