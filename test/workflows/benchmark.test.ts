import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { WorkflowHandle } from '@temporalio/client';
import { BenchmarkConfig } from '../../contracts/benchmark.js';
import { BENCHMARK_WORKFLOW, RESOLVE_UPDATE, TASK_QUEUE } from '../../contracts/names.js';
import type { ResolveStage } from '../../contracts/run.js';
import type { benchmark, BenchmarkInput } from '../../workflows/benchmark.js';
import { type Cluster, startCluster, untilBlocked, untilStatus } from '../faults/cluster.js';
import { record } from './recordHistory.js';

describe('a benchmark, on a real server', () => {
  let cluster: Cluster;
  let config: BenchmarkConfig;
  before(async () => {
    cluster = await startCluster(300, 0);
    config = BenchmarkConfig.parse({
      name: 'toy',
      data: [
        {
          name: 'toy',
          dataset: {
            source: join(cluster.folder, 'toy.csv'),
            columns: { id: 'id', target: 'label', text: ['text'] },
          },
          features: {},
        },
      ],
      noises: [{ kind: 'uniform', rate: 0.2 }],
      estimators: ['self_confidence', 'random'],
      seeds: [1, 2],
      size: { train: 150, validation: 30, test: 60 },
      ...{ learner: 'logistic', folds: 3, curves: false },
    });
    await cluster.startWorker('store');
  });
  after(() => cluster.stop());

  const start = (id: string, own: BenchmarkConfig): Promise<WorkflowHandle<typeof benchmark>> =>
    cluster.client.workflow.start<typeof benchmark>(BENCHMARK_WORKFLOW, {
      workflowId: `benchmark/toy/${id}`,
      taskQueue: TASK_QUEUE.workflow,
      args: [{ config: own }] as [BenchmarkInput],
    });
  const finished = async (handle: WorkflowHandle) =>
    (await untilStatus(handle, ({ state }) => state === 'completed')).stages;

  it('completes with a leaderboard, every row shown', async () => {
    const handle = await start('plain', config);
    const { outputs, figures } = await handle.result();
    assert.deepEqual(Object.keys(outputs).sort(), ['cells', 'leaderboard', 'markdown', 'report']);
    assert.deepEqual([figures['best'], figures['cells']], ['self_confidence', 4]);
    const stages = await finished(handle);
    assert.deepEqual(
      stages.map(({ path, shards }) => [path, shards?.total]),
      [
        ['ingest.toy', undefined],
        ['trials.toy.uniform:0.2', 2],
        ['scores.toy.uniform:0.2', 4],
        ['leaderboard', undefined],
      ],
    );
    await record('benchmark-completed', handle);
  });

  it('takes finished cells from the cache when there is one estimator more', async () => {
    const handle = await start('more', { ...config, estimators: [...config.estimators, 'aum'] });
    await untilStatus(handle, ({ stages }) => stages.some(({ state }) => state === 'running'));
    await record('benchmark-running', handle);
    assert.equal((await handle.result()).figures['cells'], 6);
    const stages = await finished(handle);
    assert.equal(stages.find(({ path }) => path.startsWith('trials.'))!.state, 'cached');
  });

  it('blocks at an estimator that can’t score, and goes on without its cells when an operator skips', async () => {
    const handle = await start('skipped', { ...config, estimators: ['self_confidence', 'query_pvi'] });
    const { stage, error, failedShards } = await untilBlocked(handle);
    assert.equal(stage, 'scores.toy.uniform:0.2');
    assert.match(error, /query_pvi needs groups/);
    await record('benchmark-blocked', handle);
    const missing = [1, 2].map((seed) => `scores.toy.uniform:0.2.${seed}.query_pvi`);
    assert.deepEqual(failedShards, missing);
    await handle.executeUpdate<string, [ResolveStage]>(RESOLVE_UPDATE, { args: [{ action: 'skip', stage }] });
    const { figures } = await handle.result();
    assert.deepEqual([figures['best'], figures['cells']], ['self_confidence', 2]);
    await record('benchmark-skipped', handle);
  });
});
