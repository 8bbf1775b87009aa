import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RunConfig } from '../../config/runConfig.js';
import { QUICK, toyConfig } from '../fakes/toyRun.js';
import { type Cluster, isAlive, lasting, runningAt, startCluster, untilStatus } from './cluster.js';

// The suite beside this file kills trainer children and the server, too, at moments of its own.

describe('killing what a run depends on', () => {
  let cluster: Cluster;
  let config: RunConfig;
  let undisturbed: Record<string, unknown>;
  let payloadBytes: readonly number[]; // of the undisturbed run
  before(async () => {
    cluster = await startCluster(2000, 0.3);
    config = toyConfig(join(cluster.folder, 'toy.csv'), QUICK);
    const worker = await cluster.startWorker('undisturbed');
    const handle = await cluster.start('train/toy/undisturbed', config);
    undisturbed = lasting(await handle.result());
    payloadBytes = payloadsOf(await handle.fetchHistory());
    await worker.kill();
  });
  after(() => cluster.stop());

  it('begins with a run whose history has no payload of 32 KiB', () => {
    assert.ok(payloadBytes.length > 50, `${payloadBytes.length} payloads`);
    const largest = Math.max(...payloadBytes);
    assert.ok(largest < 32 << 10, `${largest} bytes`);
  });

  for (const stage of ['train', 'loop.1']) {
    it(`SIGKILL of the worker in the middle of "${stage}": the same weights, bit for bit, and no orphan`, async () => {
      const first = await cluster.startWorker(`killed-${stage}`);
      const handle = await cluster.start(`train/toy/killed-${stage}`, config);
      await untilStatus(handle, runningAt(stage));
      await first.kill();
      await sleep(1_000);
      assert.deepEqual(first.trainerPids.filter(isAlive), [], 'trainer children that outlived their worker');
      const second = await cluster.startWorker(`killed-${stage}`);
      assert.deepEqual(lasting(await handle.result()), undisturbed);
      await second.kill();
    });
  }
});

/** Bytes of every payload in a history: members that have bytes called `data`, wherever they are. */
function payloadsOf(node: unknown): number[] {
  if (typeof node !== 'object' || node === null || node instanceof Uint8Array) return [];
  const { data } = node as { data?: unknown };
  return data instanceof Uint8Array ? [data.length] : Object.values(node).flatMap(payloadsOf);
}
