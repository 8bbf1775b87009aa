import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { WorkflowHandle } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import { startRun } from '../../cli/startRun.js';
import { RESOLVE_UPDATE } from '../../contracts/names.js';
import type { ResolveStage } from '../../contracts/run.js';
import { startCluster, untilBlocked, type Cluster } from '../faults/cluster.js';
import { QUICK, toyConfig } from '../fakes/toyRun.js';

const RUN = 'train/shop/20261124-091203';

describe('what Temporal shows of a run to someone who has nothing else', () => {
  let cluster: Cluster;
  let handle: WorkflowHandle;
  let source = '';
  before(async () => {
    cluster = await startCluster(300, 0.1);
    source = join(cluster.folder, 'toy.csv');
    await cluster.startWorker('work');
    const config = toyConfig(join(cluster.folder, 'gone.csv'), { ...QUICK, name: 'shop' });
    const { client, address } = cluster;
    await startRun({ client, address, namespace: 'default', close: () => Promise.resolve() }, config, RUN);
    handle = client.workflow.getHandle(RUN);
    await untilBlocked(handle);
  });
  after(() => cluster.stop());

  const currentDetails = async (): Promise<string> =>
    (await handle.query<{ currentDetails: string }>('__temporal_workflow_metadata')).currentDetails;
  const attribute = async (name: string): Promise<unknown> =>
    (await handle.describe()).searchAttributes[name]?.[0];

  it('is what it was started for: summary, details, memo', async () => {
    const run = await handle.describe();
    assert.equal(await run.staticSummary(), 'shop: classification with linear, pvi');
    assert.equal(
      await run.staticDetails(),
      [
        '**shop**: classification, target `label`',
        '',
        `- data: \`${join(cluster.folder, 'gone.csv')}\``,
        '- candidates: uniform, clip; at most 1 rounds, 2 outer folds',
        '- seed 42',
      ].join('\n'),
    );
    assert.deepEqual(run.memo, { device: 'cpu' });
    assert.equal(await attribute('AssayDataset'), join(cluster.folder, 'gone.csv'));
  });

  it('is, while it is blocked, the table with the error, and the commands that answer it', async () => {
    const details = await currentDetails();
    const [ingest, ...others] = rowsOf(details);
    assert.deepEqual(others, []);
    assert.deepEqual([ingest?.stage, ingest?.state, ingest?.attempts], ['ingest', 'blocked', '1']);
    assert.match(ingest?.said ?? '', /^DataError: no file .*gone\.csv; the folder .* has: .*toy\.csv/);
    assert.match(details, /^\*\*shop\*\*: blocked\n/);
    assert.match(details, /\*\*Blocked at ingest\.\*\* DataError: no file/);
    assert.match(details, /\n {4}assay retry train\/shop\/20261124-091203 --stage ingest\n/);
    assert.match(details, /\n {4}assay abort train\/shop\/20261124-091203\n/);
    assert.deepEqual([await attribute('AssayStatus'), await attribute('AssayStage')], ['blocked', 'ingest']);
  });

  it('is, at its end, each stage with attempts, time and key figures, and what to look at next', async () => {
    const answer: ResolveStage = { action: 'retry', stage: 'ingest', set: { 'dataset.source': source } };
    await handle.executeUpdate<string, [ResolveStage]>(RESOLVE_UPDATE, { args: [answer] });
    await handle.result();
    const details = await currentDetails();
    const rows = new Map(rowsOf(details).map((row) => [row.stage, row]));
    for (const { stage, state, time } of rows.values()) {
      assert.equal(state, 'done', stage);
      assert.match(time, /^\d+\.\d s$/, stage);
    }
    assert.equal(rows.get('ingest')?.said, 'read 300, kept 300, quarantined 0');
    assert.deepEqual(
      ['ingest', 'clean', 'train'].map((stage) => rows.get(stage)?.attempts),
      ['2', '1', String(3 + 1)], // a fan-out counts its shards: three fits, and the choice
    );
    assert.equal(rows.get('train')?.shards, '3/3');
    assert.match(details, new RegExp(`\\n {4}assay show ${RUN}\\n`));
    const metric = Number(await attribute('AssayMetric'));
    assert.match(
      details,
      new RegExp(`^\\*\\*shop\\*\\*: completed, round 1, accuracy ${metric.toPrecision(4)}\\n`),
    );
    assert.deepEqual([await attribute('AssayStatus'), await attribute('AssayRound')], ['completed', 1]);
  });

  it('is a summary on every activity', async () => {
    const { events } = await handle.fetchHistory();
    const summaries = new Map(
      (events ?? []).flatMap(({ activityTaskScheduledEventAttributes: asked, userMetadata }) => {
        const summary = userMetadata?.summary;
        const said = summary ? defaultPayloadConverter.fromPayload<string>(summary) : '';
        return asked ? [[asked.activityId ?? '', said] as const] : [];
      }),
    );
    for (const [id, said] of summaries) assert.ok(said.length > 0, id);
    assert.equal(summaries.get('ingest'), `read ${source}`);
    assert.equal(summaries.get('importance.evidence.full.0'), 'evidence: unit full, fold 1 of 2');
    assert.equal(summaries.get('analyse'), 'open the test split: metrics, slices, calibration');
    assert.equal(summaries.get('report'), 'one page that explains the run');
  });
});

interface Row {
  readonly stage: string;
  readonly state: string;
  readonly shards: string;
  readonly attempts: string;
  readonly time: string;
  /** Figures, or the error. */
  readonly said: string;
}

/** Of the Markdown table in the current details. */
function rowsOf(details: string): Row[] {
  const [head, , ...rows] = details
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) => line.slice(2, -2).split(' | '));
  assert.deepEqual(head, ['stage', 'state', 'shards', 'attempts', 'time', 'figures or error']);
  return rows.map(([stage = '', state = '', shards = '', attempts = '', time = '', said = '']) => ({
    ...{ stage, state, shards, attempts, time, said },
  }));
}
