import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { WithStartWorkflowOperation } from '@temporalio/client';
import { AdaptRule, type NewRows } from '../../contracts/adapt.js';
import { ADAPT_UPDATE, ADAPT_WORKFLOW, TASK_QUEUE } from '../../contracts/names.js';
import type { Figures } from '../../contracts/stage.js';
import type { adapt, AdaptInput } from '../../workflows/adapt.js';
import { toyConfig, toyCsv } from '../fakes/toyRun.js';
import { type Cluster, startCluster } from '../faults/cluster.js';
import { record } from './recordHistory.js';

/** The toy's rows with other ids; every topic is called by the name of the next. */
function renamed(rows: number): string {
  const [head = '', ...lines] = toyCsv(rows, 0, 9).trimEnd().split('\n');
  const turned = lines.map((line) =>
    `n${line}`.replace(/topic(\d),/, (_, topic) => `topic${(Number(topic) + 1) % 3},`),
  );
  return `${[head, ...turned].join('\n')}\n`;
}

describe('a model that adapts, on a real server', () => {
  let cluster: Cluster;
  let input: AdaptInput;
  before(async () => {
    cluster = await startCluster(300, 0);
    const source = join(cluster.folder, 'toy.csv');
    const config = toyConfig(source, { loop: { maxRounds: 0, outerFolds: 2, strengths: [16] } });
    input = { config: { name: 'toy', seed: 1, dataset: config.dataset, rule: AdaptRule.parse({}) } };
    await writeFile(join(cluster.folder, 'same.csv'), toyCsv(300, 0, 8).replace(/^r/gm, 's'));
    await writeFile(join(cluster.folder, 'renamed.csv'), renamed(600));
    await cluster.startWorker('store');
    await (await cluster.start('train/toy/1', config)).result();
  });
  after(() => cluster.stop());

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
    const changed = await send('renamed.csv');
    assert.deepEqual(
      [changed['action'], changed['registered']],
      ['promoted', 'toy@2'],
      JSON.stringify(changed),
    );
    const again = await send('renamed.csv');
    assert.deepEqual([again['action'], again['champion']], ['kept', 'toy@2'], JSON.stringify(again));
    await record('adapt-waiting', cluster.client.workflow.getHandle('adapt/toy'));
  });

  it('refuses what is no source of rows', async () => {
    await assert.rejects(send('', ''), (error: Error) => /expected \{"source"/.test(String(error.cause)));
  });
});
