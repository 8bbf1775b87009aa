import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import type { WorkflowHandle } from '@temporalio/client';
import { APPROVE_UPDATE, RESOLVE_UPDATE } from '../../contracts/names.js';
import type { Notification } from '../../contracts/notify.js';
import type { Approval, ResolveStage } from '../../contracts/run.js';
import { startCluster, untilBlocked, untilStatus, type Cluster } from '../faults/cluster.js';
import { toyConfig, toyCsv } from '../fakes/toyRun.js';
import { record } from './recordHistory.js';

/** Planted where secrets lie: in the environment of the worker. */
const PLANTED = {
  AWS_ACCESS_KEY_ID: 'planted-access-key',
  AWS_SECRET_ACCESS_KEY: 'planted-secret-key',
  AWS_SESSION_TOKEN: 'planted-session-token',
  AWS_ENDPOINT_URL_S3: 'http://someone:planted-password@127.0.0.1:9',
  TEAM_SECRET: 'planted-hmac-secret',
};
const SECRETS = /planted-(access|secret|session|password|hmac)/;

describe('a run that tells people what becomes of it', () => {
  let cluster: Cluster;
  let server: Server;
  let handle: WorkflowHandle;
  let port = 0;
  const told: Notification[] = [];
  const headers: string[] = [];
  before(async () => {
    cluster = await startCluster(300, 0.1);
    // It fails at first, then takes what it gets, and never answers about completion.
    server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        headers.push(JSON.stringify(request.headers));
        const notification = JSON.parse(body) as Notification;
        told.push(notification);
        if (notification.event === 'completed') return;
        const answer = told.length === 1 ? 503 : 200;
        response.writeHead(request.url === '/refused' ? 400 : answer).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    await cluster.startWorker('work', {}, { environment: { ...PLANTED, AWS_MAX_ATTEMPTS: '1' } });
    ({ port } = server.address() as AddressInfo);
    const target = { webhook: `http://127.0.0.1:${port}/hook`, signWith: 'TEAM_SECRET', timeout: '1h' };
    const config = toyConfig('s3://bucket/gone.csv', {
      notify: [{ on: ['blocked', 'completed', 'failed'], ...target }, { command: ['/not/allowed'] }],
      loop: { strengths: [16], outerFolds: 2, maxRounds: 0 },
      crossValidate: { folds: 0 },
    });
    handle = await cluster.start('train/toy/told', config);
  });
  after(async () => {
    server.closeAllConnections();
    server.close();
    await cluster.stop();
  });

  const events = (): string[] => told.map(({ event }) => event);
  async function until(fits: () => boolean): Promise<void> {
    for (const end = Date.now() + 60_000; Date.now() < end; await sleep(50)) if (fits()) return;
    assert.fail(`told of ${events().join(', ')}`);
  }

  it('tells that it is blocked, with the commands to type, and again where the first time failed', async () => {
    await untilBlocked(handle);
    await until(() => told.length >= 2);
    assert.deepEqual(events(), ['blocked', 'blocked']);
    const [{ runId, stage, text, commands } = assert.fail('nobody was told')] = told;
    assert.deepEqual([runId, stage], ['train/toy/told', 'ingest']);
    assert.match(
      text,
      /^train\/toy\/told is blocked at ingest: .*\nnext: assay retry train\/toy\/told --stage ingest$/s,
    );
    assert.equal(commands?.[0], 'assay retry train/toy/told --stage ingest');
    assert.match(headers[0] ?? '', /assay-signature":"t=\d+,v1=[0-9a-f]{64}"/);
  });

  it('keeps how each target took it, beside the run, and is not touched by one that fails', async () => {
    const notification = cluster.client.workflow.getHandle('notification/train/toy/told/1');
    const [webhook, command] = (await notification.result()) as Record<string, string>[];
    assert.match(webhook?.['delivered'] ?? '', /answered 200$/);
    assert.match(command?.['failed'] ?? '', /\/not\/allowed is not among the commands/);
    await record('notification-completed', notification);
  });

  it('refuses an Update that would put a password into its history', async () => {
    const answer: ResolveStage = {
      ...{ action: 'retry', stage: 'ingest' },
      set: { 'dataset.source': 'https://someone:planted-password@host/x.csv' },
    };
    await assert.rejects(
      handle.executeUpdate<string, [ResolveStage]>(RESOLVE_UPDATE, { args: [answer] }),
      (error: Error) => /a URL with a password in it/.test(String(error.cause)),
    );
  });

  it('completes without waiting for a webhook that never answers', async () => {
    const source = join(cluster.folder, 'toy.csv');
    const answer: ResolveStage = { action: 'retry', stage: 'ingest', set: { 'dataset.source': source } };
    await handle.executeUpdate<string, [ResolveStage]>(RESOLVE_UPDATE, { args: [answer] });
    assert.equal(((await handle.result()) as { state: string }).state, 'completed');
    await until(() => events().includes('completed'));
    const { status } = await cluster.client.workflow.getHandle('notification/train/toy/told/2').describe();
    assert.equal(status.name, 'RUNNING');
    await record('train-notified', handle);
    const open = cluster.client.workflow.getHandle('notification/train/toy/told/2');
    await record('notification-running', open);
  });

  /** What was told of one run. */
  const eventsOf = (id: string): string[] =>
    told.filter(({ runId }) => runId === id).map(({ event }) => event);
  const quick = (file: string) =>
    toyConfig(join(cluster.folder, file), {
      notify: [{ on: ['waiting', 'failed', 'promoted', 'drift'], webhook: `http://127.0.0.1:${port}/hook` }],
      importance: { folds: 2, refinements: 0 },
      loop: { strengths: [16], outerFolds: 2, maxRounds: 0 },
      crossValidate: { folds: 0 },
    });

  it('tells that a model waits for approval, and then that it is promoted', async () => {
    const id = 'train/toy/approved';
    const config = quick('toy.csv');
    const gate = { ...config.gate, approval: 'required', margin: 1, maxSliceLoss: 1 } as const;
    const waiting = await cluster.start(id, { ...config, name: 'other', gate });
    await untilStatus(waiting, ({ state }) => state === 'waiting');
    await until(() => eventsOf(id).length === 1);
    const [{ commands } = assert.fail('nobody was told')] = told.filter(({ runId }) => runId === id);
    assert.match(commands?.[0] ?? '', /^assay approve train\/toy\/approved/);
    const answer: Approval = { approved: true, by: 'ann' };
    await waiting.executeUpdate<string, [Approval]>(APPROVE_UPDATE, { args: [answer] });
    await waiting.result();
    await until(() => eventsOf(id).length === 2);
    assert.deepEqual(eventsOf(id), ['waiting', 'promoted']);
  });

  it('tells of drift against the data of the champion once, and of a run that an operator has aborted', async () => {
    const id = 'train/toy/drifted';
    const other = toyCsv(300, 0.1).replace(/ w(\d+)/g, ' v$1 v$1 v$1');
    writeFileSync(join(cluster.folder, 'drifted.csv'), other);
    const config = quick('drifted.csv');
    const webhook = `http://127.0.0.1:${port}/refused`;
    const refused = { ...config.notify![0]!, on: ['drift' as const], webhook };
    // Topics have no Brier score by that name: the run is blocked at its training.
    const loop = { ...config.loop, metric: 'brier' };
    const drifting = await cluster.start(id, {
      ...{ ...config, name: 'other', loop },
      notify: [config.notify![0]!, refused],
    });
    const { stage } = await untilBlocked(drifting);
    const answer: ResolveStage = { action: 'abort', stage };
    await drifting.executeUpdate<string, [ResolveStage]>(RESOLVE_UPDATE, { args: [answer] });
    await assert.rejects(drifting.result());
    await until(() => eventsOf(id).includes('failed'));
    assert.deepEqual(eventsOf(id), ['drift', 'drift', 'failed']);
    const [{ figures, text } = assert.fail('nobody was told')] = told.filter(({ runId }) => runId === id);
    assert.ok(Number(figures?.['drifted']) > 0);
    assert.match(text, /has found drift at profile/);
    const notification = cluster.client.workflow.getHandle(`notification/${id}/1`);
    const [, failed] = (await notification.result()) as Record<string, string>[];
    assert.match(failed?.['failed'] ?? '', /400/);
    await record('notification-failed', notification);
    await record('train-drifted', drifting);
  });

  it('has left no secret in histories, logs, store, report or what it told', async () => {
    for (const id of ['train/toy/told', 'notification/train/toy/told/1', 'notification/train/toy/told/2']) {
      const history = historyToJSON(await cluster.client.workflow.getHandle(id).fetchHistory());
      const payloads = [...history.matchAll(/"data": ?"([^"]+)"/g)].map(([, data = '']) =>
        Buffer.from(data, 'base64'),
      );
      assert.ok(payloads.length > 0);
      assert.doesNotMatch(history + Buffer.concat(payloads).toString('latin1'), SECRETS);
    }
    assert.doesNotMatch(JSON.stringify(told), SECRETS);
    const files = readdirSync(cluster.folder, { recursive: true, withFileTypes: true }).filter((one) =>
      one.isFile(),
    );
    assert.ok(files.some(({ name }) => /^worker-.*\.jsonl$/.test(name)));
    assert.ok(files.some(({ name }) => name.startsWith('temporal.db')));
    const leaking = files.filter((one) =>
      SECRETS.test(readFileSync(join(one.parentPath, one.name), 'latin1')),
    );
    assert.deepEqual(
      leaking.map(({ name }) => name),
      [],
    );
  });
});
