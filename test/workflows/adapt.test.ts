import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { WithStartWorkflowOperation } from '@temporalio/client';
import { AdaptRule, type NewRows } from '../../contracts/adapt.js';
import { ADAPT_UPDATE, ADAPT_WORKFLOW, RESOLVE_UPDATE, TASK_QUEUE } from '../../contracts/names.js';
import { NotifyTarget } from '../../contracts/notify.js';
import type { ResolveStage } from '../../contracts/run.js';
import type { Figures } from '../../contracts/stage.js';
import type { adapt, AdaptInput } from '../../workflows/adapt.js';
import { renamedToyCsv, toyConfig, toyCsv } from '../fakes/toyRun.js';
import { type Cluster, startCluster, untilBlocked, untilStatus } from '../faults/cluster.js';
import { record } from './recordHistory.js';

describe('a model that adapts, on a real server', () => {
  let cluster: Cluster;
  let input: AdaptInput;
  before(async () => {
    cluster = await startCluster(300, 0);
    const source = join(cluster.folder, 'toy.csv');
    const config = toyConfig(source, { loop: { maxRounds: 0, outerFolds: 2, strengths: [16] } });
    const nobodyListens = 'http://127.0.0.1:9/hook';
    input = {
      config: {
        ...{ name: 'toy', seed: 1, dataset: config.dataset, rule: AdaptRule.parse({}) },
        notify: [NotifyTarget.parse({ on: ['blocked', 'promoted'], webhook: nobodyListens, timeout: '1s' })],
      },
    };
    await writeFile(join(cluster.folder, 'same.csv'), toyCsv(300, 0, 8).replace(/^r/gm, 's'));
    await writeFile(join(cluster.folder, 'renamed.csv'), renamedToyCsv(600));
    await cluster.startWorker('store');
    await (await cluster.start('train/toy/1', config)).result();
  });
  after(() => cluster.stop());

  const handle = () => cluster.client.workflow.getHandle('adapt/toy');
  const send = (file: string, source = join(cluster.folder, file)): Promise<Figures> =>
    cluster.client.workflow.executeUpdateWithStart<typeof adapt, Figures, [NewRows]>(ADAPT_UPDATE, {
      args: [{ source, by: 'maria' }],
      startWorkflowOperation: new WithStartWorkflowOperation<typeof adapt>(ADAPT_WORKFLOW, {
        args: [input] as [AdaptInput],
        workflowId: 'adapt/toy',
        taskQueue: TASK_QUEUE.workflow,
        workflowIdConflictPolicy: 'USE_EXISTING',
      }),
    });

  it('keeps the champion where nothing changed, goes on where it must, and then keeps the new one', async () => {
    const same = await send('same.csv');
    assert.deepEqual([same['action'], same['champion']], ['kept', 'toy@1'], JSON.stringify(same));
    const sent = send('renamed.csv');
    await untilStatus(handle(), ({ stages }) =>
      stages.some(({ path, state }) => path === 'batch.2.adapt' && state === 'running'),
    );
    await record('adapt-running', handle());
    const changed = await sent;
    assert.deepEqual(
      [changed['action'], changed['registered']],
      ['promoted', 'toy@2'],
      JSON.stringify(changed),
    );
    const again = await send('renamed.csv');
    assert.deepEqual([again['action'], again['champion']], ['kept', 'toy@2'], JSON.stringify(again));
    await record('adapt-waiting', handle());
  });

  it('waits for an operator where a batch is gone, and answers whoever sent it', async () => {
    const sent = send('gone.csv');
    const { stage, error } = await untilBlocked(handle());
    assert.equal(stage, 'batch.4.ingest');
    assert.match(error, /gone\.csv/);
    await record('adapt-blocked', handle());
    const answer: ResolveStage = { action: 'skip', stage };
    await handle().executeUpdate<string, [ResolveStage]>(RESOLVE_UPDATE, { args: [answer] });
    assert.deepEqual(await sent, { action: 'kept', reason: 'a stage was skipped' });
  });

  it('tells whoever the configuration names', async () => {
    const told = [1, 2].map((number) =>
      cluster.client.workflow.getHandle(`notification/adapt/toy/${number}`),
    );
    const [promoted, blocked] = await Promise.all(told.map((one) => one.describe()));
    assert.equal(await promoted!.staticSummary(), 'adapt/toy has promoted its model');
    assert.match((await blocked!.staticSummary()) ?? '', /^adapt\/toy is blocked at batch\.4\.ingest: /);
  });

  it('refuses what is no source of rows', async () => {
    await assert.rejects(send('', ''), (error: Error) => /expected \{"source"/.test(String(error.cause)));
  });
});
