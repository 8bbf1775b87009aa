import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { WorkflowHandle } from '@temporalio/client';
import type { RunConfig } from '../../config/runConfig.js';
import { traitsOf } from '../../cli/startRun.js';
import { findTemporalExecutable } from '../../infra/temporal/findServer.js';
import type { DryRun } from '../../contracts/run.js';
import type { TrainInput } from '../../workflows/train.js';
import { QUICK, toyConfig } from '../fakes/toyRun.js';
import { startCluster, untilBlocked, untilStatus, type Cluster } from '../faults/cluster.js';
import { record } from './recordHistory.js';

interface Said {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

describe("an operator who has nothing but Temporal's own command line", () => {
  let cluster: Cluster;
  let executable = '';
  let config: RunConfig;
  const slices = { columns: ['colour'] };
  before(async () => {
    executable = (await findTemporalExecutable()).path;
    cluster = await startCluster(450, 0.3);
    config = toyConfig(join(cluster.folder, 'toy.csv'), {
      ...{ ...QUICK, importance: { folds: 2, refinements: 0 } },
      loop: { strengths: [16], outerFolds: 2, flips: 99, maxRounds: 2, policies: ['clip'] },
    });
    await cluster.startWorker('store');
  });
  after(() => cluster.stop());

  const handleOf = (id: string): WorkflowHandle => cluster.client.workflow.getHandle(id);
  const temporal = (...args: string[]): Promise<Said> =>
    new Promise((resolve) => {
      const all = [...args, '--address', cluster.address, '--output', 'json'];
      execFile(executable, all, (error, stdout, stderr) =>
        resolve({ code: error ? Number(error.code ?? 1) : 0, stdout, stderr }),
      );
    });
  const send = (id: string, name: string, input: object): Promise<Said> =>
    temporal(
      ...['workflow', 'update', 'execute', '--workflow-id', id, '--name', name],
      ...['--input', JSON.stringify(input)],
    );
  async function accepted(id: string, name: string, input: object): Promise<string> {
    const { code, stdout, stderr } = await send(id, name, input);
    assert.equal(code, 0, stderr);
    return stdout;
  }
  const broken = (): RunConfig => ({
    ...config,
    analyse: { ...config.analyse, slices: { ...config.analyse.slices, ...slices } },
    dataset: { ...config.dataset, source: join(cluster.folder, 'gone.csv') },
  });

  it('asks what a retry would do again, and is told', async () => {
    const handle = await cluster.start('train/toy/mended', broken());
    await untilBlocked(handle);
    const source = join(cluster.folder, 'toy.csv');
    const asked = ['workflow', 'query', '--workflow-id', 'train/toy/mended', '--type', 'dryRun'];
    const { code, stdout, stderr } = await temporal(
      ...asked,
      ...['--input', JSON.stringify({ set: { 'dataset.source': source } })],
    );
    assert.equal(code, 0, stderr);
    const { queryResult } = JSON.parse(stdout) as { queryResult: DryRun[] | DryRun };
    const [found] = [queryResult].flat();
    assert.deepEqual(found?.again, [{ path: 'ingest', because: 'it has not succeeded' }]);
    assert.equal(found?.settings[0]?.after, JSON.stringify(source));
    const refused = await temporal(...asked, '--input', '{"stage":"fit"}');
    assert.notEqual(refused.code, 0);
    assert.match(refused.stderr, /the blocked stage is "ingest", not "fit"/);
  });

  it('is refused with what is allowed, and nothing happens', async () => {
    const { code, stdout, stderr } = await send('train/toy/mended', 'resolveStage', {
      ...{ action: 'skip', stage: 'ingest' },
    });
    assert.notEqual(code, 0);
    assert.match(stdout + stderr, /"ingest" can't be skipped: later stages need its output/);
    await untilBlocked(handleOf('train/toy/mended'));
  });

  it('retries with another setting, stops the loop, and skips', async () => {
    const id = 'train/toy/mended';
    const source = join(cluster.folder, 'toy.csv');
    const retry = { action: 'retry', stage: 'ingest', set: { 'dataset.source': source } };
    assert.match(await accepted(id, 'resolveStage', retry), /retry ingest/);
    assert.match(await accepted(id, 'stopLoop', { by: 'ann' }), /the loop ends after round 0/);
    const { stage } = await untilBlocked(handleOf(id));
    assert.equal(stage, 'analyse');
    assert.match(await accepted(id, 'resolveStage', { action: 'skip', stage }), /skip analyse/);
    const { figures } = (await handleOf(id).result()) as { figures: Record<string, string> };
    assert.equal(figures['loopEnded'], 'An operator stopped the loop after round 0. ann');
  });

  it('aborts', async () => {
    const handle = await cluster.start('train/toy/ended', broken());
    await untilBlocked(handle);
    await accepted('train/toy/ended', 'resolveStage', { action: 'abort', stage: 'ingest', note: 'old' });
    await assert.rejects(handle.result(), (error: Error) =>
      /aborted by .* \(old\)/.test(String(error.cause)),
    );
  });

  it('lets the loop go on past its last round, and approves', async () => {
    const id = 'train/toy/longer';
    const gate = { ...config.gate, approval: 'required', margin: 1, maxSliceLoss: 1 } as const;
    const loop = { ...config.loop, maxRounds: 0 };
    const handle = await cluster.start(id, { ...config, loop, gate });
    assert.match(await accepted(id, 'continueLoop', { rounds: 1 }), /the loop goes on to round 1/);
    await untilStatus(
      handle,
      ({ round, state, loop: now }) => state === 'running' && round === 0 && now?.round === 1,
    );
    await record('train-looping', handle);
    const { loop: played } = await untilStatus(handle, ({ state }) => state === 'waiting');
    assert.equal(played?.round, 1);
    const late = await send(id, 'continueLoop', { rounds: 1 });
    assert.match(late.stdout + late.stderr, /the loop has ended: .*assay retry --from loop\.1/);
    assert.match(await accepted(id, 'approve', { approved: true, by: 'ann' }), /approved by ann/);
    const { figures } = await handle.result();
    assert.equal(figures['approval'], 'approved by ann');
  });

  it('starts a run that does anew what another did, from a stage on', async () => {
    const input: TrainInput = {
      ...{ ...traitsOf(config), config, strengths: [1] },
      successor: { of: 'train/toy/longer', from: 'analyse' },
    };
    const { code, stderr } = await temporal(
      ...['workflow', 'start', '--type', 'train', '--task-queue', 'assay-workflow'],
      ...['--workflow-id', 'train/toy/anew', '--input', JSON.stringify(input)],
    );
    assert.equal(code, 0, stderr);
    const handle = handleOf('train/toy/anew');
    await handle.result();
    const { successorOf, stages } = await untilStatus(handle, ({ state }) => state === 'completed');
    assert.deepEqual(successorOf, { of: 'train/toy/longer', from: 'analyse' });
    const stateOf = (path: string): string | undefined => stages.find((one) => one.path === path)?.state;
    assert.deepEqual([stateOf('train'), stateOf('analyse')], ['cached', 'done']);
    await record('train-successor', handle);
  });
});
