import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { WorkflowHandle } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import type { RunConfig } from '../../config/runConfig.js';
import { StageHeartbeat } from '../../contracts/heartbeat.js';
import { toyConfig } from '../fakes/toyRun.js';
import { type Cluster, isAlive, lasting, startCluster } from './cluster.js';

const NEVER_MS = 3_600_000;

/** Waits until a network is in the middle of its training. */
async function untilTraining(handle: WorkflowHandle, withinMs = 90_000): Promise<void> {
  const end = Date.now() + withinMs;
  while (Date.now() < end) {
    const { raw } = await handle.describe();
    const told = (raw.pendingActivities ?? []).flatMap(({ heartbeatDetails }) =>
      (heartbeatDetails?.payloads ?? []).map((payload) =>
        StageHeartbeat.parse(defaultPayloadConverter.fromPayload(payload)),
      ),
    );
    if (told.some(({ progress }) => progress?.figures?.['epoch'] !== undefined)) return;
    await sleep(10);
  }
  throw new Error(`no network trained within ${String(withinMs)} ms`);
}

/** Positions of the checkpoints that a store names. */
function checkpoints(store: string): number[] {
  return readdirSync(join(store, 'checkpoints'), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\d{9}\.json$/.test(name))
    .map((name) => {
      const text = readFileSync(join(store, 'checkpoints', name), 'utf8');
      return (JSON.parse(text) as { position: number }).position;
    });
}

describe('a worker that is asked to stop while it trains a network', () => {
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
    undisturbed = lasting(await (await cluster.start('train/toy/hand-back-undisturbed', config)).result());
    await worker.kill();
  });
  after(() => cluster.stop());

  it('checkpoints at once and hands back; the next worker ends with the same weights', async () => {
    // No checkpoint would be due by itself: those there are were made for handing back.
    const settings = { checkpointIntervalMs: NEVER_MS, graceMs: 30_000 };
    const first = await cluster.startWorker('handed-back', settings);
    const handle = await cluster.start('train/toy/hand-back', config);
    await untilTraining(handle);
    const ended = once(first.process, 'exit');
    first.process.kill('SIGTERM');
    assert.deepEqual(await ended, [0, null]);
    assert.deepEqual(first.trainerPids.filter(isAlive), []);
    const made = checkpoints(join(cluster.folder, 'handed-back', 'store'));
    assert.ok(made.length > 0 && made.every((position) => position > 0), `checkpoints at ${made.join(', ')}`);
    const { events } = await handle.fetchHistory();
    assert.ok(!events?.some((event) => event.workflowExecutionCompletedEventAttributes));
    const second = await cluster.startWorker('handed-back', settings);
    assert.deepEqual(lasting(await handle.result()), undisturbed);
    await second.kill();
  });
});
