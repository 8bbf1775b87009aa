import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Client, type WorkflowHandle } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { RESOLVE_UPDATE, TASK_QUEUE, TRAIN_WORKFLOW } from '../../contracts/names.js';
import type { ResolveStage } from '../../contracts/run.js';
import { dataConverter } from '../../infra/temporal/codec.js';
import type { train, TrainInput } from '../../workflows/train.js';
import { startCluster, untilBlocked, type Cluster } from '../faults/cluster.js';
import { toyConfig } from '../fakes/toyRun.js';
import { repositoryRoot } from '../paths.js';

const skip = existsSync(join(repositoryRoot, 'dist/workflow-bundle-encoded.js'))
  ? false
  : 'dist/workflow-bundle-encoded.js is missing: type npm run build; encryption was NOT tested';

describe('a run whose payloads are encrypted', { skip }, () => {
  const environment = { ASSAY_CODEC_KEYS: `2026-11:${randomBytes(32).toString('base64')}` };
  let cluster: Cluster;
  let handle: WorkflowHandle<typeof train>;
  before(async () => {
    cluster = await startCluster(300, 0.1);
    await cluster.startWorker('store', {}, { environment });
    const client = new Client({
      connection: cluster.client.connection,
      dataConverter: dataConverter(environment)!,
    });
    const config = toyConfig(join(cluster.folder, 'planted-name.csv'), {
      loop: { strengths: [16], outerFolds: 2, maxRounds: 0 },
      crossValidate: { folds: 0 },
    });
    const args: [TrainInput] = [{ config, strengths: [1] }];
    const options = { workflowId: 'train/toy/encrypted', taskQueue: TASK_QUEUE.workflow, args };
    handle = await client.workflow.start<typeof train>(TRAIN_WORKFLOW, {
      ...options,
      staticSummary: 'planted-summary',
      memo: { note: 'planted-memo' },
    });
  });
  after(() => cluster.stop());

  /** What the server has, without a key. */
  const plain = () => cluster.client.workflow.getHandle('train/toy/encrypted');
  async function stored(): Promise<string> {
    const history = historyToJSON(await plain().fetchHistory());
    const payloads = [...history.matchAll(/"data": ?"([^"]+)"/g)].map(([, data = '']) =>
      Buffer.from(data, 'base64'),
    );
    assert.ok(payloads.length > 3);
    return history + Buffer.concat(payloads).toString('latin1');
  }

  it('shows who has the key what it is blocked at, and the server nothing of it', async () => {
    const { error } = await untilBlocked(handle);
    assert.match(error, /no file .*planted-name\.csv/);
    assert.doesNotMatch(await stored(), /planted-/);
    const { memo } = await handle.describe();
    assert.equal(memo?.['note'], 'planted-memo');
  });

  it('takes an Update that nobody has encrypted, as the CLI and the UI of Temporal send it', async () => {
    const source = join(cluster.folder, 'toy.csv');
    const answer: ResolveStage = { action: 'retry', stage: 'ingest', set: { 'dataset.source': source } };
    await plain().startUpdate<string, [ResolveStage]>(RESOLVE_UPDATE, {
      args: [answer],
      waitForStage: 'ACCEPTED',
    });
    assert.equal((await handle.result()).state, 'completed');
  });

  it('encrypts messages and stacks of failures, those of workflows too', async () => {
    const config = toyConfig(join(cluster.folder, 'planted-name.csv'));
    const client = new Client({
      connection: cluster.client.connection,
      dataConverter: dataConverter(environment)!,
    });
    const failing = await client.workflow.start<typeof train>(TRAIN_WORKFLOW, {
      ...{ workflowId: 'train/toy/aborted', taskQueue: TASK_QUEUE.workflow },
      args: [{ config, strengths: [1] }],
    });
    await untilBlocked(failing);
    const answer: ResolveStage = { action: 'abort', stage: 'ingest' };
    await failing.executeUpdate<string, [ResolveStage]>(RESOLVE_UPDATE, { args: [answer] });
    await assert.rejects(failing.result(), ({ cause }: Error) => {
      assert.match(String(cause), /aborted by an operator at "ingest".*planted-name/);
      return true;
    });
    const history = historyToJSON(
      await cluster.client.workflow.getHandle('train/toy/aborted').fetchHistory(),
    );
    assert.match(history, /Encoded failure/);
    assert.doesNotMatch(history, /planted-name|aborted by an operator/);
  });
});
