import assert from 'node:assert/strict';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  ActivityFailure,
  ApplicationFailure,
  Client,
  WorkflowFailedError,
  type WorkflowHandle,
} from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import { NativeConnection, Worker } from '@temporalio/worker';
import { TASK_QUEUE } from '../../contracts/names.js';
import { StageHeartbeat } from '../../contracts/heartbeat.js';
import type { StageRequest, StageResult } from '../../contracts/stage.js';
import type { WorkerSettings } from '../../contracts/worker.js';
import { freePorts } from '../../infra/freePort.js';
import { connect, type TemporalConnection } from '../../infra/temporal/connect.js';
import { startTemporalServer, type TemporalServer } from '../../infra/temporal/startServer.js';
import { toyConfig } from '../fakes/toyRun.js';
import { bundleToyWorkflows, startToyWorker, type ToyWorker } from './toyWorker.js';

let directory = '';
let workflowBundle = '';
let server: TemporalServer;
let temporal: TemporalConnection;
let client: Client;
let worker: ToyWorker;
let runs = 0;
let seeds = 100;

const newWorker = (more: Partial<WorkerSettings> = {}): Promise<ToyWorker> =>
  startToyWorker({ address: server.address, directory, workflowBundle, ...more });

before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'assay-worker-'));
  [server, workflowBundle] = await Promise.all([startTemporalServer(), bundleToyWorkflows(directory)]);
  temporal = await connect({ address: server.address });
  client = new Client({ connection: temporal.connection });
  worker = await newWorker();
});

after(async () => {
  worker.process.kill('SIGKILL');
  await temporal.connection.close();
  await server.stop();
  await rm(directory, { recursive: true, force: true });
});

const request = (
  stage: string,
  params: StageRequest['params'] = {},
  change: Partial<StageRequest> = {},
): StageRequest => ({
  runId: 'run',
  path: `path.${stage}`,
  stage,
  seed: seeds++, // a stage key of its own

  params,
  inputs: {},
  ...change,
});

type InOrder = (requests: StageRequest[]) => Promise<StageResult[]>;

function start(...requests: StageRequest[]): Promise<WorkflowHandle<InOrder>> {
  return client.workflow.start<InOrder>('inOrder', {
    taskQueue: 'assay-workflow',
    workflowId: `toy-${String(++runs)}`,
    args: [requests],
  });
}

async function result(...requests: StageRequest[]): Promise<StageResult[]> {
  return (await start(...requests)).result();
}

async function failure(handle: WorkflowHandle): Promise<ApplicationFailure> {
  const error: unknown = await handle.result().catch((reason: unknown) => reason);
  assert.ok(error instanceof WorkflowFailedError && error.cause instanceof ActivityFailure);
  assert.ok(error.cause.cause instanceof ApplicationFailure);
  return error.cause.cause;
}

async function pending(handle: WorkflowHandle): Promise<{ attempt: number; heartbeat?: StageHeartbeat }> {
  const [activity] = (await handle.describe()).raw.pendingActivities ?? [];
  const payload = activity?.heartbeatDetails?.payloads?.[0];
  if (payload === undefined) return { attempt: activity?.attempt ?? 0 };
  const heartbeat = StageHeartbeat.parse(defaultPayloadConverter.fromPayload(payload));
  return { attempt: activity?.attempt ?? 0, heartbeat };
}

/** Waits until the newest heartbeat that the server knows tells of progress and of a checkpoint. */
async function untilCheckpoint(handle: WorkflowHandle): Promise<StageHeartbeat> {
  for (;;) {
    const { heartbeat } = await pending(handle);
    if (heartbeat?.checkpoint !== undefined && heartbeat.progress !== undefined) return heartbeat;
    await sleep(20);
  }
}

async function untilGone(pid: number): Promise<void> {
  for (;;) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    await sleep(20);
  }
}

async function attempts(handle: WorkflowHandle): Promise<number> {
  const { events } = await handle.fetchHistory();
  const started = (events ?? []).map((event) => event.activityTaskStartedEventAttributes?.attempt ?? 0);
  return Math.max(...started);
}

it('asks for the shards of a stage five hundred at a time: a server refuses too many that wait', async () => {
  const handle = await client.workflow.start('wide', {
    taskQueue: 'assay-workflow',
    workflowId: `wide-${String(++runs)}`,
    args: [toyConfig('toy.csv'), 520],
  });
  const asked = async (): Promise<number> => (await handle.describe()).raw.pendingActivities?.length ?? 0;
  for (let waitedMs = 0; (await asked()) < 500 && waitedMs < 30_000; waitedMs += 50) await sleep(50);
  await sleep(200);
  assert.equal(await asked(), 500);
  const connection = await NativeConnection.connect({ address: server.address });
  const done: StageResult = { outputs: {}, figures: {}, stageKey: '0', cached: false };
  const activities = { echo: () => Promise.resolve(done) };
  const gpu = await Worker.create({ connection, taskQueue: TASK_QUEUE.gpu, activities });
  await gpu.runUntil(handle.result());
  await connection.close();
});

describe('a stage as an activity', () => {
  it('returns its outputs, its figures and its key', async () => {
    const [first] = await result(request('echo', { text: 'hello' }, { seed: 11 }));
    assert.equal(first?.figures['text'], 'hello');
    assert.equal(first?.cached, false);
    assert.match(first?.stageKey ?? '', /^[0-9a-f]{64}$/);
  });

  it('comes from the cache the second time, unless it is told to run again', async () => {
    const same = request('echo', { text: 'again' });
    const results = await result(same, same, { ...same, bypassCache: true });
    assert.deepEqual(
      results.map(({ cached }) => cached),
      [false, true, false],
    );
  });

  it('is computed once where two runs ask for it at the same time', async () => {
    const same = request('count', { steps: 10, stepMs: 50 });
    const results = await Promise.all([result(same), result(same)]);
    assert.deepEqual(results.map(([one]) => one?.cached).sort(), [false, true]);
  });

  it('has the same key with its defaults written out', async () => {
    const [short, long] = await result(
      request('echo', {}, { seed: 5 }),
      request('echo', { text: 'nothing' }, { seed: 5 }),
    );
    assert.equal(short?.stageKey, long?.stageKey);
  });

  it('fails at once on bad input', async () => {
    const handle = await start(request('fail', { how: 'data' }));
    const { type, message } = await failure(handle);
    assert.equal(type, 'DataError');
    assert.match(message, /line 7: expected 3 fields/);
    assert.equal(await attempts(handle), 1);
  });

  it('fails at once on parameters that it does not know', async () => {
    const handle = await start(request('echo', { txet: 'x' }));
    const { message } = await failure(handle);
    assert.match(message, /txet/);
    assert.equal(await attempts(handle), 1);
  });

  it('is tried again after anything else, boundedly', async () => {
    const handle = await start(request('fail', { how: 'store' }));
    assert.equal((await failure(handle)).type, 'StoreUnavailableError');
    assert.equal(await attempts(handle), 3);
  });

  it('is resumed from its checkpoint when its child is killed', async () => {
    const handle = await start(request('count', { steps: 8, killAt: 5 }));
    const [counted] = await handle.result();
    assert.deepEqual(counted?.figures, { resumed: 5, reached: 8 });
    assert.equal(await attempts(handle), 2);
  });

  it('shows progress and its newest checkpoint in heartbeats', async () => {
    const handle = await start(request('count', { steps: 1_000, stepMs: 20 }));
    const { path, state, progress, checkpoint } = await untilCheckpoint(handle);
    await handle.cancel();
    assert.equal(path, 'path.count');
    assert.equal(state, 'running');
    assert.equal(progress?.unit, 'steps');
    assert.ok((checkpoint?.position ?? 0) >= 1);
    await assert.rejects(handle.result());
  });
});

describe('cancelling a run', () => {
  const cases = [
    { name: 'a stage that listens', stage: 'count', params: { steps: 10_000, stepMs: 20 } },
    { name: 'a stage that never looks up', stage: 'spin', params: { ms: 60_000 } },
  ];
  for (const { name, stage, params } of cases) {
    it(`ends ${name} as cancelled, on its first attempt`, async () => {
      const handle = await start(request(stage, params));
      while ((await pending(handle)).heartbeat?.state !== 'running') await sleep(20);
      await handle.cancel();
      await assert.rejects(handle.result());
      assert.equal((await handle.describe()).status.name, 'CANCELLED');
      const { events = [] } = await handle.fetchHistory();
      assert.ok(events?.some((event) => event.activityTaskCanceledEventAttributes));
      assert.equal(await attempts(handle), 1);
    });
  }
});

describe('a worker process', () => {
  it('takes no more stages at once from a queue than it was told, however many wait', async () => {
    worker.process.kill('SIGTERM');
    await worker.ended;
    worker = await newWorker({ processes: 4, concurrency: { cpu: 2 } });
    const stages = Array.from({ length: 6 }, (_, i) => ({
      ...request('count', { steps: 10, stepMs: 20 }),
      path: `count.${String(i)}`,
    }));
    const handle = await client.workflow.start<(requests: StageRequest[]) => Promise<number>>('atOnce', {
      taskQueue: 'assay-workflow',
      workflowId: `limited-${String(++runs)}`,
      args: [stages],
    });
    let isOver = false;
    void handle.result().finally(() => (isOver = true));
    let most = 0;
    while (!isOver) {
      const { raw } = await handle.describe();
      const begun = (raw.pendingActivities ?? []).filter(({ lastStartedTime }) => lastStartedTime);
      most = Math.max(most, begun.length);
      await sleep(10);
    }
    assert.equal(await handle.result(), 6);
    assert.equal(most, 2);
    worker.process.kill('SIGTERM');
    await worker.ended;
    worker = await newWorker();
  });

  it('that is asked to stop by SIGTERM hands its stage over, with its checkpoint', async () => {
    const handle = await start(request('count', { steps: 150, stepMs: 20 }));
    await untilCheckpoint(handle);
    worker.process.kill('SIGTERM');
    assert.deepEqual(await worker.ended, { code: 0, signal: null });
    worker = await newWorker();
    const [counted] = await handle.result();
    assert.ok(Number(counted?.figures['resumed']) > 0);
    assert.equal(await attempts(handle), 2);
  });

  it('that is asked to stop lets a stage without checkpoints end, is not ready meanwhile, and takes nothing new', async () => {
    const [port = 0] = await freePorts(1);
    worker.process.kill('SIGTERM');
    await worker.ended;
    worker = await newWorker({ health: `127.0.0.1:${String(port)}`, graceMs: 20_000 });
    const ready = async (): Promise<unknown> =>
      (await fetch(`http://127.0.0.1:${String(port)}/readyz`)).json();
    assert.deepEqual(await ready(), { polls: 'ok', temporal: 'ok', store: 'ok' });
    const handle = await start(request('spin', { ms: 4_000 }), request('echo'));
    while ((await pending(handle)).heartbeat?.state !== 'running') await sleep(20);
    worker.process.kill('SIGTERM');
    await sleep(1_100);
    assert.deepEqual(await ready(), { polls: 'failed', temporal: 'ok', store: 'ok' });
    assert.deepEqual(await worker.ended, { code: 0, signal: null });
    worker = await newWorker();
    await handle.result();
    assert.equal(await attempts(handle), 1);
  });

  it('that is asked to stop twice waits for nothing', async () => {
    worker.process.kill('SIGTERM');
    await worker.ended;
    worker = await newWorker({ graceMs: 60_000 });
    const handle = await start(request('spin', { ms: 60_000 }));
    while ((await pending(handle)).heartbeat?.state !== 'running') await sleep(20);
    const { trainerPids } = worker;
    worker.process.kill('SIGTERM');
    await sleep(300);
    worker.process.kill('SIGINT');
    assert.deepEqual(await worker.ended, { code: 1, signal: null });
    for (const pid of trainerPids) await untilGone(pid);
    await handle.terminate();
    worker = await newWorker();
  });

  it('that is killed by SIGKILL takes its children with it, and the next one resumes', async () => {
    const handle = await start(request('count', { steps: 150, stepMs: 20 }), request('echo'));
    await untilCheckpoint(handle);
    const { trainerPids } = worker;
    worker.process.kill('SIGKILL');
    await worker.ended;
    assert.equal(trainerPids.length, 1);
    for (const pid of trainerPids) await untilGone(pid);
    worker = await newWorker();
    const [counted] = await handle.result();
    assert.ok(Number(counted?.figures['resumed']) > 0);
  });

  it('writes JSON lines that name run and stage', async () => {
    await result(request('echo', { text: 'for the log' }, { runId: 'logged', path: 'loop.2.echo' }));
    const [file = ''] = await readdir(join(directory, 'logs'));
    const lines = (await readFile(join(directory, 'logs', file), 'utf8')).trim().split('\n');
    const told = lines
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter(({ runId }) => runId === 'logged');
    assert.deepEqual(
      told.map(({ path, msg }) => [path, msg]),
      [
        ['loop.2.echo', 'stage started'],
        ['loop.2.echo', 'stage finished'],
      ],
    );
  });
});
