import assert from 'node:assert/strict';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { RunOutcome } from '../../contracts/run.js';
import { QUICK, toyConfig } from '../fakes/toyRun.js';
import { fakeMlflow } from '../tracking/fakeMlflow.js';
import { lasting, startCluster, untilStatus, type Cluster } from './cluster.js';

// Heavy: whole runs on a real server; MLflow is a fake here, and a real one in test/peers.

describe('a run whose trackers are lost half-way', () => {
  let cluster: Cluster;
  let alone: Record<string, unknown>;

  before(async () => {
    cluster = await startCluster(450, 0.2);
    alone = lasting(await play('alone', {}));
    assert.ok(alone['model'] && alone['weights'], Object.keys(alone).join(', '));
  });
  after(() => cluster.stop());

  /** A run with a store and a worker of its own; `midway` comes when the first round has begun. */
  async function play(
    name: string,
    environment: NodeJS.ProcessEnv,
    midway: () => Promise<void> = () => Promise.resolve(),
  ): Promise<RunOutcome> {
    const worker = await cluster.startWorker(name, {}, { environment });
    const config = toyConfig(join(cluster.folder, 'toy.csv'), QUICK);
    const handle = await cluster.start(`train/toy/${name}`, config);
    await untilStatus(handle, ({ stages }) => stages.some(({ path }) => path.startsWith('loop.')));
    await midway();
    const outcome = await handle.result();
    await worker.kill();
    assert.equal(outcome.state, 'completed');
    return outcome;
  }

  it('ends with the same model, weights and findings when MLflow goes away and the folder of events becomes a file', async () => {
    const mlflow = await fakeMlflow();
    const events = join(cluster.folder, 'events');
    const environment = { MLFLOW_TRACKING_URI: mlflow.url, ASSAY_TENSORBOARD_DIR: events };
    const outcome = await play('pulled', environment, async () => {
      mlflow.close();
      assert.equal(mlflow.runs.size, 1);
      assert.ok((await readdir(events, { recursive: true })).some((path) => path.includes('tfevents')));
      await rm(events, { recursive: true });
      await writeFile(events, 'not a folder');
    });
    assert.deepEqual(lasting(outcome), alone);
    assert.equal([...mlflow.runs.values()][0]!.status, 'RUNNING');
  });

  it('ends with the same when nothing that it tells is ever answered', async () => {
    const sockets = new Set<Socket>();
    const silent = createServer((socket) => void sockets.add(socket.on('error', () => undefined)));
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as AddressInfo;
    const kept = join(cluster.folder, 'kept');
    await mkdir(kept);
    const outcome = await play('silent', {
      MLFLOW_TRACKING_URI: `http://127.0.0.1:${port}`,
      ASSAY_TRACKING_DIR: kept,
    });
    assert.ok(sockets.size > 0, 'nobody asked');
    sockets.forEach((socket) => socket.destroy());
    silent.close();
    assert.deepEqual(lasting(outcome), alone);
    assert.notDeepEqual(await readdir(kept), []); // the other tracker went on
  });
});
