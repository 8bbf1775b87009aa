import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { StoreError, StoreUnavailableError } from '../../contracts/errors.js';
import { openS3Store } from '../../storage/s3.js';
import type { S3Options } from '../../storage/s3Client.js';
import { resolveS3 } from '../../storage/s3Sources.js';
import { startFaultProxy } from './faultProxy.js';
import { availableBench, startBench, type S3Bench } from './s3Bench.js';
import { collect, temporaryFolder } from './workspace.js';

const bench = await startBench();
const body = randomBytes(600_000);

const available = (t: TestContext): S3Bench | undefined => availableBench(t, bench);

const isGet = (method: string | undefined): boolean => method === 'GET';

describe('an S3 store when things break', () => {
  const faults = [
    { name: 'breaks off', fault: { breakAfter: 200_000 } },
    { name: 'stalls', fault: { stallAfter: 200_000 } },
  ];
  for (const { name, fault } of faults) {
    it(`reads on where a body ${name}`, async (t) => {
      const real = available(t);
      if (real === undefined) return;
      const ranges: (string | undefined)[] = [];
      const endpoint = await startFaultProxy(t, real.server.endpoint, (request) => {
        if (!isGet(request.method)) return 'none';
        return ranges.push(request.headers.range) <= 2 ? fault : 'none';
      });
      const store = await openS3Store({ ...real.options(), endpoint, idleTimeoutMs: 1500 }, {});
      await store.put('k', body);
      assert.ok(body.equals(await store.get('k')));
      assert.deepEqual(
        ranges.map((range) => range ?? 'all'),
        ['all', 'bytes=200000-', 'bytes=400000-'],
      );
    });
  }

  it('gives up after some attempts, retryably, and leaves no file', async (t) => {
    const real = available(t);
    if (real === undefined) return;
    const endpoint = await startFaultProxy(t, real.server.endpoint, ({ method }) =>
      isGet(method) ? { breakAfter: 10 } : 'none',
    );
    const store = await openS3Store({ ...real.options(), endpoint, maxAttempts: 2 }, {});
    await store.put('k', body);
    const folder = await temporaryFolder(t);
    await assert.rejects(store.getFile('k', join(folder, 'out')), StoreUnavailableError);
    assert.deepEqual(await readdir(folder), []);
  });

  it('says that clocks differ, retryably, and minds it from then on', async (t) => {
    const real = available(t);
    if (real === undefined) return;
    const store = await openS3Store({ ...real.options(), maxAttempts: 1 }, {});
    await store.put('k', body);
    const nowMs = Date.now();
    for (const [hours, ask] of [
      [2, () => store.put('k', body)],
      [-3, () => store.head('k')], // an answer without a body says nothing but the time
    ] as const) {
      t.mock.timers.reset();
      t.mock.timers.enable({ apis: ['Date'], now: nowMs + hours * 3_600_000 });
      await assert.rejects(ask(), (error: Error) => {
        assert.match(String(error), /StoreUnavailableError: .*clock and the server's differ.*NTP/);
        return true;
      });
      await ask();
    }
  });

  it('sends a request again when the server is overloaded', async (t) => {
    const real = available(t);
    if (real === undefined) return;
    const endpoint = await startFaultProxy(t, real.server.endpoint, (_, count) =>
      count % 2 === 0 ? { status: 503 } : 'none',
    );
    const store = await openS3Store({ ...real.options(), endpoint }, {});
    await store.put('k', Buffer.from('x'));
    assert.equal(Buffer.from(await store.get('k')).toString(), 'x');
  });

  it('knows its own create-only write again when the answer to it got lost', async (t) => {
    const real = available(t);
    if (real === undefined) return;
    let creations = 0;
    const endpoint = await startFaultProxy(t, real.server.endpoint, ({ method, url }) =>
      method === 'PUT' && url?.includes('created') === true && creations++ === 0 ? { breakAfter: 0 } : 'none',
    );
    const store = await openS3Store({ ...real.options(), endpoint, idleTimeoutMs: 500 }, {});
    assert.notEqual(await store.putIfAbsent('created', Buffer.from('mine')), undefined);
    assert.equal(await store.putIfAbsent('created', Buffer.from('theirs')), undefined);
  });

  it('throws away the parts of an upload that fails', async (t) => {
    const real = available(t);
    if (real === undefined) return;
    const endpoint = await startFaultProxy(t, real.server.endpoint, ({ url }) =>
      url?.includes('partNumber=2') === true ? { status: 403 } : 'none',
    );
    const options = real.options();
    const store = await openS3Store({ ...options, endpoint }, {});
    const path = join(await temporaryFolder(t), 'large');
    await writeFile(path, Buffer.alloc(11 << 20));
    await assert.rejects(store.putFile('large', path), StoreError);
    assert.equal(await store.head('large'), undefined);
  });

  const refusals: { name: string; change: Partial<S3Options>; want: RegExp }[] = [
    {
      name: 'wrong credentials',
      change: { credentials: { accessKeyId: 'nobody', secretAccessKey: 'wrong' } },
      want: /StoreError: .*refused \(.*check the credentials/,
    },
    {
      name: 'a bucket that is not there',
      change: { bucket: 'no-such-bucket' },
      want: /StoreError: .*there is no such bucket/,
    },
    {
      name: 'a server that is not there',
      change: { endpoint: 'http://127.0.0.1:9', maxAttempts: 1 },
      want: /StoreUnavailableError: .*check that the server runs and AWS_ENDPOINT_URL_S3/,
    },
  ];
  for (const { name, change, want } of refusals) {
    it(`says at opening what is wrong with ${name}, without secrets`, async (t) => {
      const real = available(t);
      if (real === undefined) return;
      const opened = openS3Store({ ...real.options(), ...change }, {});
      await assert.rejects(opened, (error: Error) => {
        assert.match(String(error), want);
        return !String(error).includes(real.server.secretAccessKey);
      });
    });
  }

  it('refuses a server that ignores conditions', async (t) => {
    const server = createServer((request, response) =>
      request.resume().once('end', () => response.setHeader('etag', '"1"').end()),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    t.after(() => {
      server.closeAllConnections();
      server.close();
    });
    const endpoint = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
    const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
    const opened = openS3Store({ bucket: 'bucket', prefix: '', endpoint, credentials }, {});
    await assert.rejects(opened, /StoreError: .*the server ignores If-None-Match/);
  });
});

describe('source files on S3', () => {
  it('resolve by key and by pattern, stream, and download once', async (t) => {
    const real = available(t);
    if (real === undefined) return;
    const { server, options } = real;
    const { prefix } = options();
    const store = await openS3Store({ ...options(), prefix }, {});
    for (const key of ['d/a.csv', 'd/b.csv', 'd/c.tsv']) await store.put(key, Buffer.from(key));
    const environment = {
      AWS_ENDPOINT_URL_S3: server.endpoint,
      AWS_REGION: 'us-east-1',
    };
    process.env['AWS_ACCESS_KEY_ID'] = server.accessKeyId;
    process.env['AWS_SECRET_ACCESS_KEY'] = server.secretAccessKey;
    const scratch = await temporaryFolder(t);
    const base = `s3://assay-test/${prefix}`;
    const files = await resolveS3(`${base}/d/*.csv`, scratch, environment);
    assert.deepEqual(
      files.map((file) => file.uri),
      [`${base}/d/a.csv`, `${base}/d/b.csv`],
    );
    assert.equal(Buffer.concat(await collect(files[0]!.open())).toString(), 'd/a.csv');
    assert.equal(await readFile(await files[1]!.localPath(), 'utf8'), 'd/b.csv');
    assert.equal((await resolveS3(`${base}/d/c.tsv`, scratch, environment)).length, 1);
    const stampOf = async () => (await resolveS3(`${base}/d/c.tsv`, scratch, environment))[0]!.stamp;
    const stamp = await stampOf();
    assert.equal(await stampOf(), stamp, 'a schedule reads nothing while stamps stay');
    await store.put('d/c.tsv', Buffer.from('d/C.TSV'));
    assert.notEqual(await stampOf(), stamp, 'same length, other bytes');
    await assert.rejects(
      resolveS3(`${base}/d/*.json`, scratch, environment),
      /DataError: .*no object matches.*a\.csv, b\.csv/,
    );
  });
});
