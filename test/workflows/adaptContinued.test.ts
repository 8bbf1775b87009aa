import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { WithStartWorkflowOperation } from '@temporalio/client';
import { AdaptRule, type NewRows } from '../../contracts/adapt.js';
import { ADAPT_UPDATE, ADAPT_WORKFLOW, STATUS_QUERY, TASK_QUEUE } from '../../contracts/names.js';
import type { RunStatus } from '../../contracts/run.js';
import type { Figures } from '../../contracts/stage.js';
import type { adapt, AdaptInput } from '../../workflows/adapt.js';
import { toyConfig } from '../fakes/toyRun.js';
import { type Cluster, startCluster } from '../faults/cluster.js';
import { record } from './recordHistory.js';

/** Long before the second of two batches is done, the server suggests to continue as new. */
const EARLY = { 'limit.historyCount.suggestContinueAsNew': 8 };

describe('a model that adapts for long', () => {
  let cluster: Cluster;
  before(async () => {
    cluster = await startCluster(10, 0, EARLY);
    await cluster.startWorker('store');
  });
  after(() => cluster.stop());

  const id = 'adapt/nobody';
  const send = (by: string): Promise<Figures> => {
    const { dataset } = toyConfig(join(cluster.folder, 'toy.csv'));
    const input: AdaptInput = {
      config: { name: 'nobody', seed: 1, dataset, rule: AdaptRule.parse({}) },
    };
    return cluster.client.workflow.executeUpdateWithStart<typeof adapt, Figures, [NewRows]>(ADAPT_UPDATE, {
      args: [{ source: join(cluster.folder, 'toy.csv'), by }],
      startWorkflowOperation: new WithStartWorkflowOperation<typeof adapt>(ADAPT_WORKFLOW, {
        args: [input] as [AdaptInput],
        workflowId: id,
        taskQueue: TASK_QUEUE.workflow,
        workflowIdConflictPolicy: 'USE_EXISTING',
      }),
    });
  };

  it('answers every batch that waits before it continues as new, and goes on after', async () => {
    const handle = cluster.client.workflow.getHandle(id);
    const outcomes = await Promise.all(['ann', 'bob', 'eve'].map(send));
    const { runId: beginning } = await handle.describe();
    outcomes.push(await send('dan'));
    for (const { action, reason } of outcomes)
      assert.deepEqual([action, reason], ['kept', 'nobody has no champion']);
    const { stages } = await handle.query<RunStatus>(STATUS_QUERY);
    assert.deepEqual(
      stages.map(({ path }) => path.split('.')[2]),
      Array<string>(4).fill('champion'),
      'rows that are for nobody are not read',
    );
    const begun = (await cluster.client.workflow.getHandle(id, beginning).fetchHistory()).events ?? [];
    const isSuggested = begun.some(
      ({ workflowTaskStartedEventAttributes: started }) => started?.suggestContinueAsNew,
    );
    assert.ok(isSuggested, 'the server suggested it');
    const { runId } = await handle.describe();
    const first = begun[0]!.workflowExecutionStartedEventAttributes?.firstExecutionRunId;
    assert.notEqual(runId, first, 'it continued as new');
    await record('adapt-continuing', cluster.client.workflow.getHandle(id, first ?? ''));
    await record('adapt-continued', handle);
  });
});
