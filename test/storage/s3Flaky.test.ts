import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { StoreError } from '../../contracts/errors.js';
import { openS3Store } from '../../storage/s3.js';
import { storeContract } from './contract.js';
import { openFaultProxy, seededFaults, startFaultProxy, type Fault } from './faultProxy.js';
import { availableBench, startBench } from './s3Bench.js';
import { temporaryFolder } from './workspace.js';

const bench = await startBench();
const patient = { idleTimeoutMs: 1500, maxAttempts: 12 };

describe('a store on an S3 server behind a network that fails now and then', () => {
  const isSeaweed = typeof bench !== 'string' && bench.server.kind === 'seaweedfs';
  let seed = 0;
  storeContract(
    async (t) => {
      const real = availableBench(t, bench);
      if (real === undefined) return undefined;
      const endpoint = await startFaultProxy(t, real.server.endpoint, seededFaults(seed++, 0.04));
      return openS3Store({ ...real.options(), ...patient, endpoint }, {});
    },
    isSeaweed ? 'folders' : 'bytes',
  );
});

describe('an S3 store that is given wrong answers', () => {
  const body = randomBytes(600_000);
  const once: { name: string; fault: Fault }[] = [
    { name: 'a wrong byte', fault: { wrongByteAt: 123_456 } },
    { name: 'an early end', fault: { truncateAfter: 200_000 } },
    { name: 'a trickle', fault: { bytesPerSecond: 2_000_000 } },
  ];
  for (const { name, fault } of once) {
    it(`reads the right bytes after ${name}`, async (t) => {
      const real = availableBench(t, bench);
      if (real === undefined) return;
      let reads = 0;
      const endpoint = await startFaultProxy(t, real.server.endpoint, ({ method }) =>
        method === 'GET' && reads++ === 0 ? fault : 'none',
      );
      const store = await openS3Store({ ...real.options(), ...patient, endpoint }, {});
      await store.put('k', body);
      assert.ok(body.equals(await store.get('k')));
    });
  }

  it('names the key, and leaves no file, where the bytes are wrong each time', async (t) => {
    const real = availableBench(t, bench);
    if (real === undefined) return;
    const endpoint = await startFaultProxy(t, real.server.endpoint, ({ method }) =>
      method === 'GET' ? { wrongByteAt: 5 } : 'none',
    );
    const store = await openS3Store({ ...real.options(), endpoint, maxAttempts: 2 }, {});
    await store.put('some/key', body);
    const folder = await temporaryFolder(t);
    const want = /StoreUnavailableError: .*some\/key.*2 times.*damaged/;
    await assert.rejects(store.get('some/key'), want);
    await assert.rejects(store.getFile('some/key', join(folder, 'out')), want);
    assert.deepEqual(await readdir(folder), []);
  });

  it('sends a write again whose bytes came wrong, and keeps nothing of it where they always do', async (t) => {
    const real = availableBench(t, bench);
    if (real === undefined) return;
    let writes = 0;
    const endpoint = await startFaultProxy(t, real.server.endpoint, ({ method, url }) => {
      const isSpoiled =
        method === 'PUT' && (url!.includes('never') || (url!.includes('once') && writes++ === 0));
      return isSpoiled ? { wrongRequestByteAt: 300_000 } : 'none';
    });
    const store = await openS3Store({ ...real.options(), endpoint, maxAttempts: 2 }, {});
    await store.put('once', body);
    assert.ok(body.equals(await store.get('once')));
    await assert.rejects(
      store.put('never', body),
      /StoreUnavailableError: writing never .*damaged on their way/,
    );
    assert.equal(await store.head('never'), undefined);
  });

  it('reads large files right though every connection is cut', async (t) => {
    const real = availableBench(t, bench);
    if (real === undefined) return;
    const endpoint = await startFaultProxy(t, real.server.endpoint, ({ method }) =>
      method === 'GET' ? { breakAfter: 2_000_000 } : 'none',
    );
    const store = await openS3Store({ ...real.options(), ...patient, endpoint }, {});
    const folder = await temporaryFolder(t);
    const large = randomBytes((5 << 20) + 7);
    await writeFile(join(folder, 'in'), large);
    await store.putFile('large', join(folder, 'in'));
    await store.getFile('large', join(folder, 'out'));
    assert.ok(large.equals(await readFile(join(folder, 'out'))));
  });

  it('uses its connections again', async (t) => {
    const real = availableBench(t, bench);
    if (real === undefined) return;
    const proxy = await openFaultProxy(t, real.server.endpoint, () => 'none');
    const store = await openS3Store({ ...real.options(), endpoint: proxy.url }, {});
    for (let i = 0; i < 20; i++) await store.put(`k${String(i)}`, Buffer.from('x'));
    assert.ok(proxy.connections() <= 3, `${String(proxy.connections())} connections`);
  });

  it('refuses a server that does not encrypt although it is asked to', async (t) => {
    const real = availableBench(t, bench);
    if (real === undefined || real.server.kind !== 'versitygw') return;
    const opened = openS3Store(real.options(), { S3_SSE: 'AES256' });
    await assert.rejects(opened, (error: Error) => {
      assert.ok(error instanceof StoreError);
      assert.match(error.message, /S3_SSE asks for AES256, and the server answers with no encryption/);
      return true;
    });
    await assert.rejects(
      openS3Store(real.options(), { S3_SSE: 'rot13' }),
      /S3_SSE: expected AES256 or aws:kms/,
    );
  });
});
