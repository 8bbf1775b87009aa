import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, type WorkflowHandle } from '@temporalio/client';
import { temporalPriority } from '../../../cli/startRun.js';
import type { PriorityConfig } from '../../../contracts/budget.js';
import { TASK_QUEUE } from '../../../contracts/names.js';
import type { StageRequest } from '../../../contracts/stage.js';
import { connect, type TemporalConnection } from '../../../infra/temporal/connect.js';
import { startTemporalServer, type TemporalServer } from '../../../infra/temporal/startServer.js';
import { bundleToyWorkflows, startToyWorker, type ToyWorker } from '../../workers/toyWorker.js';

/** Order holds within a partition of a queue: with one, it can be told. */
const ONE_PARTITION = {
  'matching.numTaskqueueReadPartitions': 1,
  'matching.numTaskqueueWritePartitions': 1,
};

/** Whose stages, how many, and what the configuration says of them. */
type Run = readonly [name: string, stages: number, priority: PriorityConfig];

describe('stages that wait in one queue', () => {
  let directory = '';
  let server: TemporalServer;
  let temporal: TemporalConnection;
  let client: Client;
  const workers: ToyWorker[] = [];
  const startWorker = async (role: 'workflow' | 'cpu', workflowBundle: string): Promise<ToyWorker> => {
    const one = { roles: [role], address: server.address, directory, processes: 1, concurrency: { cpu: 1 } };
    const worker = await startToyWorker({ ...one, workflowBundle });
    workers.push(worker);
    return worker;
  };
  let bundle = '';
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'assay-fair-'));
    [server, bundle] = await Promise.all([
      startTemporalServer({ dynamicConfig: ONE_PARTITION }),
      bundleToyWorkflows(directory),
    ]);
    temporal = await connect({ address: server.address });
    client = new Client({ connection: temporal.connection });
    await startWorker('workflow', bundle);
  });
  after(async () => {
    workers.forEach((worker) => worker.process.kill('SIGKILL'));
    await temporal.connection.close();
    await server.stop();
    await rm(directory, { recursive: true, force: true });
  });

  let seed = 0;
  const requests = (count: number): StageRequest[] =>
    Array.from({ length: count }, (_, i) => ({
      ...{ runId: 'run', path: `echo.${String(i)}`, stage: 'echo', seed: seed++, params: {}, inputs: {} },
    }));

  /** Whose stages began, one after the other, when all of them wait before the only worker comes. */
  async function orderOf(...runs: Run[]): Promise<string[]> {
    const handles: WorkflowHandle[] = [];
    for (const [name, stages, priority] of runs) {
      const handle = await client.workflow.start('atOnce', {
        workflowId: `${name}-${String(seed)}`,
        taskQueue: TASK_QUEUE.workflow,
        args: [requests(stages)],
        priority: temporalPriority(priority),
      });
      while (((await handle.describe()).raw.pendingActivities ?? []).length < stages) await sleep(20);
      handles.push(handle);
    }
    const worker = await startWorker('cpu', bundle);
    const begun: [at: bigint, name: string][] = [];
    for (const [i, handle] of handles.entries()) {
      await handle.result();
      for (const { eventTime, activityTaskStartedEventAttributes } of (await handle.fetchHistory()).events ??
        []) {
        if (!activityTaskStartedEventAttributes || !eventTime) continue;
        const at = BigInt(String(eventTime.seconds)) * 1_000_000_000n + BigInt(eventTime.nanos ?? 0);
        begun.push([at, runs[i]![0]]);
      }
    }
    worker.process.kill('SIGKILL');
    await worker.ended;
    return begun.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, name]) => name);
  }

  it('are taken in turns by teams, however many one of them has asked for before', async () => {
    const order = await orderOf(['many', 12, { team: 'search' }], ['few', 4, { team: 'ads' }]);
    assert.equal(order.length, 16);
    assert.ok(order.lastIndexOf('few') <= 8, order.join(' '));
  });

  it('are taken by weight: three of one team for one of another', async () => {
    const order = await orderOf(['light', 12, { team: 'search' }], ['heavy', 12, { team: 'ads', weight: 3 }]);
    const heavy = order.slice(0, 12).filter((name) => name === 'heavy').length;
    assert.ok(heavy >= 8 && heavy <= 10, order.join(' '));
  });

  it('are taken by priority first, whatever the team', async () => {
    const order = await orderOf(
      ['many', 6, { team: 'search' }],
      ['few', 3, { team: 'ads' }],
      ['urgent', 4, { key: 1, team: 'search' }],
    );
    assert.deepEqual(order.slice(0, 4), ['urgent', 'urgent', 'urgent', 'urgent'], order.join(' '));
  });
});
