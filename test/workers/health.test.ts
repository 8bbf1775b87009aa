import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, describe, it } from 'node:test';
import { ConfigError } from '../../contracts/errors.js';
import { freePorts } from '../../infra/freePort.js';
import { listenAddress } from '../../workers/address.js';
import { openHealth, type HealthChecks } from '../../workers/health.js';

const opened: { close(): unknown }[] = [];
after(() => opened.forEach((one) => one.close()));

async function serve(checks: HealthChecks): Promise<string> {
  const [port = 0] = await freePorts(1);
  opened.push(await openHealth({ host: '127.0.0.1', port }, checks));
  return `http://127.0.0.1:${String(port)}`;
}

async function get(url: string): Promise<[status: number, body: unknown]> {
  const response = await fetch(url);
  return [response.status, await response.json()];
}

const well = (): Promise<boolean> => Promise.resolve(true);

describe('health', () => {
  it('is ready where every check passes', async () => {
    assert.deepEqual(await get(`${await serve({ polls: well, store: well })}/readyz`), [
      200,
      { polls: 'ok', store: 'ok' },
    ]);
  });

  it('is live, not ready, and names what is wrong where a check fails', async () => {
    const url = await serve({
      polls: () => Promise.resolve(false),
      store: () => Promise.reject(new Error('s3://secret is away')),
      temporal: well,
    });
    assert.deepEqual(await get(`${url}/readyz`), [503, { polls: 'failed', store: 'failed', temporal: 'ok' }]);
    assert.deepEqual(await get(`${url}/healthz`), [200, { live: true }]);
  });

  it('asks the store once for many probes at a time', async () => {
    let asked = 0;
    const url = await serve({ store: () => Promise.resolve(++asked > 0) });
    await Promise.all(Array.from({ length: 5 }, () => get(`${url}/readyz`)));
    assert.equal(asked, 1);
  });

  it('answers nothing else', async () => {
    const url = await serve({});
    assert.equal((await get(`${url}/metrics`))[0], 404);
    assert.equal((await fetch(`${url}/healthz`, { method: 'POST' })).status, 405);
  });

  it('says which address is taken', async () => {
    const blocker = createServer().listen(0, '127.0.0.1');
    opened.push(blocker);
    await new Promise((resolve) => blocker.once('listening', resolve));
    const { port } = blocker.address() as { port: number };
    await assert.rejects(openHealth({ host: '127.0.0.1', port }, {}), (error) => {
      assert.ok(error instanceof ConfigError);
      assert.match(error.message, new RegExp(`127\\.0\\.0\\.1:${String(port)}.*in use`));
      return true;
    });
  });
});

describe('an address to listen on', () => {
  const cases: [string, { host: string; port: number }][] = [
    ['9464', { host: '127.0.0.1', port: 9464 }],
    ['0.0.0.0:8080', { host: '0.0.0.0', port: 8080 }],
    ['[::1]:9464', { host: '[::1]', port: 9464 }],
  ];
  for (const [text, want] of cases) {
    it(`${text} is ${want.host}, port ${String(want.port)}`, () =>
      assert.deepEqual(listenAddress(text, 'x'), want));
  }
  for (const text of ['', 'host', '0', '127.0.0.1:70000', 'http://127.0.0.1:1']) {
    it(`"${text}" is refused`, () =>
      assert.throws(() => listenAddress(text, 'metrics address'), ConfigError));
  }
});
