import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { ApplicationFailure } from '@temporalio/common';
import { createNotifyActivity } from '../../activities/notify.js';
import { NotifyTarget, type Notification } from '../../contracts/notify.js';
import { freePorts } from '../../infra/freePort.js';
import { runNotifyCommand } from '../../workers/notifyCommand.js';

const SECRET = 'planted-secret-of-the-webhook';
const notification: Notification = {
  ...{ event: 'blocked', runId: 'train/shop/1', name: 'shop', at: '2026-11-24T09:12:03.000Z' },
  text: 'train/shop/1 is blocked at clean: no rows',
  stage: 'clean',
};

interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** How the server answers next; `hang` never does. */
type Answer = number | 'hang';

describe('telling people of an event', () => {
  let server: Server;
  let base = '';
  let folder: string;
  const received: Received[] = [];
  let answer: Answer = 200;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'assay-notify-'));
    server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        received.push({ headers: request.headers, body });
        if (answer === 'hang') return;
        response.writeHead(answer, answer === 302 ? { location: `${base}/elsewhere` } : {}).end('thanks');
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  beforeEach(() => {
    received.length = 0;
    answer = 200;
  });
  after(() => {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true });
  });

  const notify = (target: Partial<NotifyTarget>, environment: Record<string, string> = {}): Promise<string> =>
    createNotifyActivity({
      environment: { TEAM_SECRET: SECRET, HOOK_URL: `${base}/hook/${SECRET}`, ...environment },
      runCommand: runNotifyCommand,
      now: () => new Date(1_000_000),
    }).notify({ notification, target: NotifyTarget.parse(target) });
  const failure = async (work: Promise<string>): Promise<ApplicationFailure> => {
    const error = await work.then(
      () => assert.fail('it was told'),
      (thrown: unknown) => thrown,
    );
    assert.ok(error instanceof ApplicationFailure);
    assert.doesNotMatch(JSON.stringify([error.message, error.stack, error.cause]), new RegExp(SECRET));
    return error;
  };

  it('posts the event as JSON, signed so that the receiver can be sure of it and of its age', async () => {
    assert.match(
      await notify({ webhook: `${base}/hook`, signWith: 'TEAM_SECRET' }),
      /^127\.0\.0\.1:\d+ answered 200$/,
    );
    const [{ headers, body } = assert.fail('nothing came')] = received;
    assert.deepEqual(JSON.parse(body), notification);
    const mac = createHmac('sha256', SECRET).update(`1000.${body}`).digest('hex');
    assert.equal(headers['assay-signature'], `t=1000,v1=${mac}`);
    assert.equal(headers['content-type'], 'application/json');
  });

  it('takes a URL that is a secret itself from the environment, and never tells it', async () => {
    await notify({ webhookFromEnvironment: 'HOOK_URL' });
    assert.equal(received.length, 1);
    assert.equal(received[0]?.headers['assay-signature'], undefined);
    answer = 500;
    assert.match((await failure(notify({ webhookFromEnvironment: 'HOOK_URL' }))).message, /answered 500$/);
  });

  const answers: [Answer, boolean, RegExp][] = [
    [500, false, /answered 500/],
    [503, false, /answered 503/],
    [429, false, /answered 429/],
    [404, true, /answered 404/],
    [302, true, /answered 302/],
    ['hang', false, /no answer within 150ms/],
  ];
  for (const [status, isFinal, words] of answers) {
    it(`tries ${isFinal ? 'not ' : ''}again after ${status}`, async () => {
      answer = status;
      const { message, nonRetryable } = await failure(notify({ webhook: base, timeout: '150ms' }));
      assert.match(message, words);
      assert.equal(nonRetryable ?? false, isFinal);
      assert.equal(received.length, 1); // nothing went on to where it was redirected
    });
  }

  it('tries again where nobody listens, and names the host only', async () => {
    const [port] = await freePorts(1);
    const { message, nonRetryable } = await failure(
      notify({ webhook: `http://127.0.0.1:${port}/${SECRET}` }),
    );
    assert.match(message, /^notify: webhook on 127\.0\.0\.1:\d+: can't be reached \(ECONNREFUSED\)$/);
    assert.notEqual(nonRetryable, true);
  });

  it('says which variable is missing, and does not try again', async () => {
    const { message, nonRetryable } = await failure(notify({ webhook: base, signWith: 'OTHER' }));
    assert.deepEqual([message, nonRetryable], ['notify: the environment of this worker has no OTHER', true]);
  });

  /** A program that writes what it was told into a file. */
  function program(name: string, script: string): string {
    const path = join(folder, name);
    writeFileSync(path, `#!/bin/sh\n${script}\n`);
    chmodSync(path, 0o755);
    return path;
  }

  it("runs a command with the event on its standard input, and none of the worker's secrets", async () => {
    process.env['TEAM_SECRET'] = SECRET;
    const out = join(folder, 'out');
    const path = program('page', `cat > "$1"; env >> "$1"`);
    assert.equal(
      await notify({ command: [path, out] }, { ASSAY_NOTIFY_COMMANDS: `/bin/true, ${path}` }),
      `ran ${path}`,
    );
    delete process.env['TEAM_SECRET'];
    const said = readFileSync(out, 'utf8');
    assert.ok(said.startsWith(JSON.stringify(notification)));
    assert.match(said, /^ASSAY_EVENT=blocked$/m);
    assert.match(said, /^ASSAY_RUN_ID=train\/shop\/1$/m);
    assert.doesNotMatch(said, new RegExp(SECRET));
  });

  it('runs no command that the worker does not list', async () => {
    const { message, nonRetryable } = await failure(notify({ command: ['/bin/true'] }));
    assert.match(message, /\/bin\/true is not among the commands .* ASSAY_NOTIFY_COMMANDS/);
    assert.equal(nonRetryable, true);
  });

  it('tells how a command failed, and stops one that hangs', async () => {
    const failing = program('failing', 'echo no pager >&2; exit 3');
    const hanging = program('hanging', 'exec sleep 60');
    const allowed = { ASSAY_NOTIFY_COMMANDS: [failing, hanging].join(',') };
    assert.match(
      (await failure(notify({ command: [failing] }, allowed))).message,
      /ended with exit code 3: no pager$/,
    );
    const late = await failure(notify({ command: [hanging], timeout: '200ms' }, allowed));
    assert.match(late.message, /ended with SIGKILL, after 200 ms at most/);
  });
});
