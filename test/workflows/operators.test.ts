import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import type { WorkflowHandle } from '@temporalio/client';
import type { RunConfig } from '../../config/runConfig.js';
import { APPROVE_UPDATE, METRICS_QUERY, RESOLVE_UPDATE, STOP_UPDATE } from '../../contracts/names.js';
import type { Approval, ResolveStage, RunMetrics, StopLoop } from '../../contracts/run.js';
import { type Cluster, lasting, startCluster, untilStatus } from '../faults/cluster.js';
import { toyConfig } from '../fakes/toyRun.js';
import { record } from './recordHistory.js';

describe('a run and its operators, on a real server', () => {
  let cluster: Cluster;
  let config: RunConfig;
  before(async () => {
    cluster = await startCluster(450, 0.3);
    config = toyConfig(join(cluster.folder, 'toy.csv'), {
      loop: { strengths: [16, 64], outerFolds: 2, flips: 199, maxRounds: 1 },
    });
    await cluster.startWorker('store');
  });
  after(() => cluster.stop());

  const resolve = (handle: WorkflowHandle, answer: ResolveStage): Promise<string> =>
    handle.executeUpdate<string, [ResolveStage]>(RESOLVE_UPDATE, { args: [answer] });
  const blocked = (handle: WorkflowHandle) => untilStatus(handle, ({ state }) => state === 'blocked');
  const broken = (): RunConfig => ({
    ...config,
    dataset: { ...config.dataset, source: join(cluster.folder, 'gone.csv') },
  });

  it('completes, with search attributes and a table of stages for the UI', async () => {
    const handle = await cluster.start('train/toy/plain', config);
    const outcome = await handle.result();
    assert.equal(outcome.state, 'completed');
    const { searchAttributes } = await handle.describe();
    assert.deepEqual(searchAttributes['AssayStatus'], ['completed']);
    assert.ok(outcome.outputs['report']);
    await record('train-completed', handle);
    await record('train-registered', handle);
    await record('train-refined', handle);
  });

  it('takes what it can from the cache when it is run again, and meets its own model as champion', async () => {
    const handle = await cluster.start('train/toy/again', config);
    const outcome = await handle.result();
    const first = await cluster.client.workflow.getHandle('train/toy/plain').result();
    const { gate, ...same } = lasting(outcome);
    const { gate: before, ...others } = lasting(first);
    assert.deepEqual(same, others);
    assert.ok(gate && before);
    assert.deepEqual([outcome.figures['champion'], outcome.figures['model']], ['toy@1', 'toy@1']);
    const status = await untilStatus(handle, ({ state }) => state === 'completed');
    const uncached = status.stages.filter(({ state }) => state !== 'cached').map(({ path }) => path);
    assert.deepEqual(uncached, ['ingest', 'profile', 'champion', 'gate', 'register', 'report']);
  });

  it('blocks at a missing file, refuses wrong answers, and goes on from a retry with another file', async () => {
    const handle = await cluster.start('train/toy/blocked', broken());
    const status = await blocked(handle);
    assert.equal(status.blocked!.stage, 'ingest');
    assert.match(status.blocked!.error, /gone\.csv/);
    assert.match(status.blocked!.commands.join('\n'), /assay retry train\/toy\/blocked --stage ingest/);
    await record('train-blocked', handle);
    await assert.rejects(resolve(handle, { action: 'retry', stage: 'fit' }), (error: Error) => {
      assert.match(String(error.cause), /blocked stage is "ingest", not "fit"/);
      return true;
    });
    await assert.rejects(resolve(handle, { action: 'skip', stage: 'ingest' }), (error: Error) => {
      assert.match(String(error.cause), /can't be skipped/);
      return true;
    });
    const source = join(cluster.folder, 'toy.csv');
    assert.equal(
      await resolve(handle, { action: 'retry', stage: 'ingest', set: { 'dataset.source': source } }),
      'retry ingest',
    );
    assert.equal((await handle.result()).state, 'completed');
    await record('train-retried', handle);
  });

  it('redoes only the failed stage: those before it are not asked for again', async () => {
    const handle = await cluster.start('train/toy/gate', {
      ...config,
      loop: { ...config.loop, metric: 'brier' },
    });
    const status = await blocked(handle);
    assert.equal(status.blocked!.stage, 'train');
    const attempts = status.stages.find(({ path }) => path === 'featurize')!.attempts;
    await resolve(handle, { action: 'retry', stage: 'train', set: { 'loop.metric': 'accuracy' } });
    await handle.result();
    const { stages } = await untilStatus(handle, ({ state }) => state === 'completed');
    assert.equal(stages.find(({ path }) => path === 'featurize')!.attempts, attempts);
  });

  it('ends as aborted when an operator says so, and names the cause', async () => {
    const handle = await cluster.start('train/toy/aborted', broken());
    await blocked(handle);
    await resolve(handle, { action: 'abort', stage: 'ingest' });
    await assert.rejects(handle.result(), (error: Error) => {
      assert.match(String(error.cause), /aborted by an operator at "ingest"/);
      return true;
    });
    assert.deepEqual((await handle.describe()).searchAttributes['AssayStatus'], ['aborted']);
    await record('train-aborted', handle);
  });

  it('goes on without a stage that may be skipped', async () => {
    const handle = await cluster.start('train/toy/skipped', {
      ...config,
      analyse: { ...config.analyse, slices: { ...config.analyse.slices, columns: ['colour'] } },
    });
    const status = await blocked(handle);
    assert.equal(status.blocked!.stage, 'analyse');
    assert.match(status.blocked!.error, /no column "colour"/);
    await resolve(handle, { action: 'skip', stage: 'analyse' });
    const outcome = await handle.result();
    assert.equal(outcome.outputs['analysis'], undefined);
    assert.ok(outcome.outputs['report']);
    await record('train-skipped', handle);
  });

  it('ends its loop when an operator says stop, and goes on with the best so far', async () => {
    const handle = await cluster.start('train/toy/stopped', config);
    const said: StopLoop = { by: 'ann' };
    const answer = await handle.executeUpdate<string, [StopLoop]>(STOP_UPDATE, { args: [said] });
    assert.equal(answer, 'the loop ends after round 0');
    const { figures } = await handle.result();
    assert.equal(figures['loopEnded'], 'An operator stopped the loop after round 0. ann');
    const { rounds } = await handle.query<RunMetrics>(METRICS_QUERY);
    assert.deepEqual(
      rounds.map(({ round, name }) => [round, name]),
      [[0, 'accuracy']],
    );
    await record('train-stopped', handle);
  });

  it('waits for approval where the gate asks for it, and says in the end who gave it', async () => {
    const gate = { ...config.gate, approval: 'required', margin: 1, maxSliceLoss: 1 } as const;
    const handle = await cluster.start('train/toy/approved', { ...config, gate });
    const { waiting } = await untilStatus(handle, ({ state }) => state === 'waiting');
    assert.match(waiting!.commands[0]!, /assay approve train\/toy\/approved/);
    assert.deepEqual((await handle.describe()).searchAttributes['AssayStatus'], ['waiting']);
    await record('train-waiting', handle);
    const approve = (given: Approval): Promise<string> =>
      handle.executeUpdate<string, [Approval]>(APPROVE_UPDATE, { args: [given] });
    await assert.rejects(approve({ approved: true, by: '' }), (error: Error) => {
      assert.match(String(error.cause), /by must say who approves/);
      return true;
    });
    assert.equal(await approve({ approved: true, by: 'ann', note: 'fine' }), 'approved by ann');
    assert.equal((await handle.result()).figures['approval'], 'approved by ann: fine');
    await record('train-approved', handle);
  });

  it('stops at once when it is cancelled, and says so', async () => {
    const handle = await cluster.start('train/toy/cancelled', { ...config, seed: 7 });
    await untilStatus(handle, ({ stages }) =>
      stages.some(({ path, state }) => path === 'train' && state === 'running'),
    );
    await record('train-running', handle);
    await handle.cancel();
    await assert.rejects(handle.result());
    const { status, searchAttributes } = await handle.describe();
    assert.equal(status.name, 'CANCELLED');
    assert.deepEqual(searchAttributes['AssayStatus'], ['cancelled']);
    await record('train-cancelled', handle);
  });

  it('keeps rows, paths of secrets and weights out of the history: references only', async () => {
    const history = await cluster.client.workflow.getHandle('train/toy/plain').fetchHistory();
    const text = historyToJSON(history);
    const decoded = [...text.matchAll(/"data": "([A-Za-z0-9+/=]+)"/g)].map(([, data]) =>
      Buffer.from(data!, 'base64').toString(),
    );
    assert.ok(decoded.length > 50);
    const rows = (await readFile(join(cluster.folder, 'toy.csv'), 'utf8')).split('\n').slice(1, 50);
    for (const row of rows) assert.ok(!decoded.some((one) => one.includes(row.split(',')[1]!)), row);
    const largest = Math.max(...decoded.map((one) => one.length));
    assert.ok(largest < 200_000, `${largest} bytes in one payload`);
  });
});
