import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { chmod, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { sha256 } from '../../storage/hash.js';
import { openFileStore } from '../../storage/file.js';
import { storageModule, temporaryFolder } from './workspace.js';

/** Node with the flags that this process has, so that TypeScript loads where it does here. */
const node = [...process.execArgv.filter((flag) => !flag.startsWith('--test')), '--input-type=module', '-e'];

const endlessWriter = `
import { openFileStore } from ${JSON.stringify(storageModule('file'))};
const store = await openFileStore(process.argv[1]);
console.log('ready');
for (let i = 0; ; i++) {
  const body = Buffer.alloc(3_000_000, String.fromCharCode(97 + (i % 26)));
  await store.put('replaced', body);
  await store.putIfAbsent('created/' + i, body);
}
`;

const fullDisk = `
import { openFileStore } from ${JSON.stringify(storageModule('file'))};
const store = await openFileStore(process.argv[1]);
process.on('SIGXFSZ', () => undefined);
try {
  await store.put('large', Buffer.alloc(2_000_000));
} catch (error) {
  console.log(JSON.stringify([error.name, error.message, error.retryable]));
}
`;

const unprivileged = `
import { openFileStore } from ${JSON.stringify(storageModule('file'))};
if (process.getuid() === 0) process.setuid(65534); // root may write everywhere
await openFileStore(process.argv[1]).catch((error) => console.log(error.name, error.message));
`;

async function untilThereIsOne(root: string): Promise<void> {
  const store = await openFileStore(root);
  for (;;) {
    for await (const { key } of store.list('')) if (key) return;
    await sleep(20);
  }
}

describe('a folder store when things break', () => {
  it('has whole objects or none after kill -9 in the middle of writing', async (t) => {
    const root = await temporaryFolder(t);
    for (let round = 0; round < 10; round++) {
      const child = spawn(process.execPath, [...node, endlessWriter, root], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      await new Promise((resolve) => child.stdout.once('data', resolve));
      // The last one is left alone until an object is whole: on a busy disk none may have been until then.
      await (round < 9 ? sleep(20 + 13 * round) : untilThereIsOne(root));
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await gone;
    }
    const store = await openFileStore(root);
    let seen = 0;
    for await (const { key, sizeBytes } of store.list('')) {
      const body = Buffer.from(await store.get(key));
      assert.equal(sizeBytes, 3_000_000, key);
      assert.equal(sha256(body), sha256(Buffer.alloc(3_000_000, body[0])), key);
      seen++;
    }
    assert.ok(seen > 0);
  });

  it('says that the disk is full, may be retried, and leaves nothing half written', async (t) => {
    const root = await temporaryFolder(t);
    // A limit on the size of a file is the full disk that needs no privilege: EFBIG.
    const command = `ulimit -f 1000; exec "$0" "$@"`;
    const { stdout } = spawnSync('bash', ['-c', command, process.execPath, ...node, fullDisk, root], {
      encoding: 'utf8',
    });
    const [name, message, retryable] = JSON.parse(stdout) as [string, string, boolean];
    assert.equal(name, 'StoreUnavailableError');
    assert.match(message, /writing large: no space left for the store in .*free some space, then retry/);
    assert.equal(retryable, true);
    assert.deepEqual(await readdir(join(root, '.tmp')), []);
    assert.equal(await (await openFileStore(root)).head('large'), undefined);
  });

  it('says that this user may not write there', async (t) => {
    const root = await temporaryFolder(t);
    await chmod(root, 0o555);
    const { stdout } = spawnSync(process.execPath, [...node, unprivileged, root], { encoding: 'utf8' });
    await chmod(root, 0o755);
    assert.match(
      stdout,
      /^StoreError opening the store .*: this user may not do that .*\(EACCES\).*ASSAY_STORE/,
    );
  });

  it('refuses a root that is a file', async (t) => {
    const path = join(await temporaryFolder(t), 'file');
    await writeFile(path, '');
    await assert.rejects(openFileStore(path), /StoreError: opening the store/);
  });

  it('refuses a key that is a folder of another, both ways', async (t) => {
    const store = await openFileStore(await temporaryFolder(t));
    await store.put('a/b', Buffer.from('x'));
    for (const write of ['put', 'putIfAbsent'] as const) {
      await assert.rejects(
        store[write]('a', Buffer.from('y')),
        /StoreError: writing a: no key may be a folder of another/,
      );
    }
    await assert.rejects(
      store.put('a/b/c', Buffer.from('z')),
      /StoreError: .*no key may be a folder of another/,
    );
    assert.equal(Buffer.from(await store.get('a/b')).toString(), 'x');
  });

  it('goes on when whoever held a lock was killed', async (t) => {
    const root = await temporaryFolder(t);
    const store = await openFileStore(root);
    const lock = join(root, '.locks', sha256('k'));
    await writeFile(lock, 'dead');
    const past = new Date(Date.now() - 60_000);
    await utimes(lock, past, past);
    await store.put('k', Buffer.from('x'));
    assert.deepEqual(await readdir(join(root, '.locks')), []);
  });

  it('leaves a lock to who holds it, whatever the clock of this process says', async (t) => {
    const root = await temporaryFolder(t);
    const store = await openFileStore(root);
    const lock = join(root, '.locks', sha256('k'));
    await writeFile(lock, 'held');
    const real = Date.now;
    t.mock.method(Date, 'now', () => real() + 86_400_000);
    let isWritten = false;
    const writing = store.put('k', Buffer.from('x')).then(() => (isWritten = true));
    await sleep(200);
    assert.equal(isWritten, false);
    await rm(lock);
    await writing;
  });

  it('shows itself as a URL', async (t) => {
    const root = await temporaryFolder(t);
    assert.equal((await openFileStore(root)).description, pathToFileURL(root).href);
  });
});
