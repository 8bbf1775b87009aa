import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RunConfig } from '../../config/runConfig.js';
import { startS3Server, type S3Server } from '../../infra/s3/server.js';
import { QUICK, toyConfig } from '../fakes/toyRun.js';
import { startBench } from '../storage/s3Bench.js';
import {
  lasting,
  retry,
  runningAt,
  startCluster,
  untilBlocked,
  untilStatus,
  type Cluster,
  type WorkerProcess,
} from './cluster.js';

// Heavy: whole runs on a real S3 server.

const bench = await startBench();
const skip = typeof bench === 'string' ? `a run on S3 was NOT tested: ${bench}` : false;

describe('a run whose store is a real S3 server', { skip }, () => {
  let cluster: Cluster;
  let config: RunConfig;
  let server: S3Server;
  let onFolder: Record<string, unknown>;

  before(async () => {
    if (typeof bench === 'string') return;
    server = bench.server;
    cluster = await startCluster(1500, 0.3);
    config = toyConfig(join(cluster.folder, 'toy.csv'), QUICK);
    const worker = await cluster.startWorker('folder');
    onFolder = lasting(await (await cluster.start('train/toy/folder', config)).result());
    await worker.kill();
  });
  after(async () => {
    if (typeof bench === 'string') return;
    await cluster.stop();
    if (server !== bench.server) await server.stop();
  });

  const workerOn = (prefix: string): Promise<WorkerProcess> =>
    cluster.startWorker(
      prefix,
      { storeUri: `s3://assay-test/${prefix}` },
      {
        environment: {
          AWS_ENDPOINT_URL: server.endpoint,
          AWS_ACCESS_KEY_ID: server.accessKeyId,
          AWS_SECRET_ACCESS_KEY: server.secretAccessKey,
        },
      },
    );
  /** The same server once more: same port, same buckets. */
  const startAgain = (credentials: { accessKeyId: string; secretAccessKey: string }): Promise<S3Server> =>
    startS3Server({
      dataDirectory: server.dataDirectory,
      port: Number(new URL(server.endpoint).port),
      credentials,
    });

  it('leaves the same bytes as on a folder: the model, every table, every score', async () => {
    const worker = await workerOn('runs/plain');
    const onS3 = lasting(await (await cluster.start('train/toy/s3', config)).result());
    assert.ok(onS3['model'] !== undefined, Object.keys(onS3).join(', '));
    assert.deepEqual(onS3['model'], onFolder['model']);
    assert.deepEqual(onS3, onFolder);
    await worker.kill();
  });

  it('goes on when the server was away for three seconds, to the same bytes', async () => {
    const worker = await workerOn('runs/away');
    const handle = await cluster.start('train/toy/s3-away', config);
    await untilStatus(handle, runningAt('train'));
    await server.stop();
    await sleep(3_000);
    server = await startAgain(server);
    assert.deepEqual(lasting(await handle.result()), onFolder);
    await worker.kill();
  });

  it('blocks while the server refuses, says what to check, and completes after a retry', async () => {
    const worker = await workerOn('runs/refused');
    const handle = await cluster.start('train/toy/s3-refused', config);
    await untilStatus(handle, runningAt('train'));
    const right = server;
    await server.stop();
    server = await startAgain({ accessKeyId: 'somebody', secretAccessKey: 'else-else-else' });
    const { stage, error } = await untilBlocked(handle);
    assert.match(error, /StoreError: .* in s3:\/\/assay-test\/runs\/refused at 127\.0\.0\.1:\d+: refused/);
    assert.match(error, /check the credentials/);
    await server.stop();
    server = await startAgain(right);
    await retry(handle, stage);
    assert.deepEqual(lasting(await handle.result()), onFolder);
    await worker.kill();
  });

  it('blocks when the server stays away, says so, and completes after a retry', async () => {
    const worker = await workerOn('runs/gone');
    const handle = await cluster.start('train/toy/s3-gone', config);
    await untilStatus(handle, runningAt('train'));
    await server.stop();
    const { stage, error } = await untilBlocked(handle, 120_000);
    assert.match(error, /StoreUnavailableError: .* in s3:\/\/assay-test\/runs\/gone at 127\.0\.0\.1:\d+/);
    server = await startAgain(server);
    await retry(handle, stage);
    assert.deepEqual(lasting(await handle.result()), onFolder);
    await worker.kill();
  });
});
