import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { assayProcess } from '../cli/process.js';
import { toyConfig } from '../fakes/toyRun.js';
import { startCluster, type Cluster } from './cluster.js';

// Heavy: a real server, at first without workers.

interface Watcher {
  /** Waits until its output fits. */
  until(pattern: RegExp, withinMs?: number): Promise<string>;
  interrupt(): void;
  readonly code: Promise<number | null>;
}

function watch(cluster: Cluster, runId: string, store: string): Watcher {
  const child = assayProcess(['watch', runId, '--address', cluster.address], {
    cwd: cluster.folder,
    env: { TEMPORAL_ADDRESS: '', ASSAY_STORE: join(cluster.folder, store) },
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const code = new Promise<number | null>((resolve) => child.once('close', resolve));
  return {
    async until(pattern, withinMs = 20_000) {
      for (const end = Date.now() + withinMs; Date.now() < end; await sleep(30)) {
        if (pattern.test(said)) return said;
      }
      throw new Error(`not within ${withinMs} ms: ${String(pattern)}; it said:\n${said}`);
    },
    interrupt: () => void child.kill('SIGINT'),
    code,
  };
}

describe('a run that nobody takes work from', () => {
  let cluster: Cluster;
  before(async () => {
    cluster = await startCluster(600, 0.1);
  });
  after(() => cluster.stop());

  it('is said to wait, with the command to type, and goes on once there are workers', async () => {
    const runId = 'train/toy/20261124-000000';
    const handle = await cluster.start(runId, toyConfig(join(cluster.folder, 'toy.csv')));
    const command = `type: TEMPORAL_ADDRESS=${cluster.address} assay worker --role `;
    const first = watch(cluster, runId, 'cpu/store');
    const words = await first.until(/waiting for a worker on assay-workflow and assay-cpu; /);
    assert.ok(words.includes(`${command}workflow,cpu`), words);
    first.interrupt();
    assert.equal(await first.code, 130);

    const workflowWorker = await cluster.startWorker('workflow-only', { roles: ['workflow'] });
    const second = watch(cluster, runId, 'cpu/store');
    const more = await second.until(/waiting for a worker on assay-cpu; /);
    assert.ok(more.includes(`${command}cpu`), more);

    const cpuWorker = await cluster.startWorker('cpu', { roles: ['cpu'] });
    assert.equal((await handle.result()).state, 'completed');
    assert.equal(await second.code, 0, await second.until(/./));

    const elsewhere = watch(cluster, runId, 'another/store');
    assert.equal(await elsewhere.code, 1);
    await elsewhere.until(
      /completed, but what it made is not in .*another\/store; .*\nnext:\n {2}ASSAY_STORE=/s,
      100,
    );
    await Promise.all([workflowWorker.kill(), cpuWorker.kill()]);
  });
});
