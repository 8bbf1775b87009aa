import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { it, type TestContext } from 'node:test';
import { StoreError } from '../../contracts/errors.js';
import type { ObjectStore } from '../../contracts/store.js';
import { collect, temporaryFolder } from './workspace.js';

const text = (body: Uint8Array): string => Buffer.from(body).toString();
const bytes = (body: string): Uint8Array => Buffer.from(body);

/** How a store orders what it lists: by the bytes of keys, or folder by folder (`a/b/2` before `a/b-c`). */
export type ListOrder = 'bytes' | 'folders';

/** What every store must do. `open` gives an empty one, or skips the test and gives undefined. */
export function storeContract(
  open: (t: TestContext) => Promise<ObjectStore | undefined>,
  order: ListOrder = 'bytes',
): void {
  const behaves = (name: string, check: (store: ObjectStore, t: TestContext) => Promise<void>): void => {
    it(name, async (t) => {
      const store = await open(t);
      if (store !== undefined) await check(store, t);
    });
  };
  readsAndWrites(behaves);
  conditions(behaves);
  listing(behaves, order);
  files(behaves);
}

type Behaves = (name: string, check: (store: ObjectStore, t: TestContext) => Promise<void>) => void;

function readsAndWrites(behaves: Behaves): void {
  behaves('gives back what was put, and its size', async (store) => {
    const head = await store.put('a/b.json', bytes('hello'));
    assert.equal(head.sizeBytes, 5);
    assert.equal(text(await store.get('a/b.json')), 'hello');
    const { modifiedAtMs, ...found } = (await store.head('a/b.json'))!;
    assert.deepEqual(found, head);
    // By the store's clock; S3 tells whole seconds.
    assert.ok(Math.abs(modifiedAtMs - Date.now()) < 60_000);
  });

  behaves('replaces an object as a whole', async (store) => {
    await store.put('k', bytes('a longer body'));
    await store.put('k', bytes('short'));
    assert.equal(text(await store.get('k')), 'short');
  });

  behaves('holds an empty object', async (store) => {
    await store.put('empty', bytes(''));
    assert.equal((await store.get('empty')).length, 0);
    assert.equal((await store.head('empty'))?.sizeBytes, 0);
  });

  behaves('says that there is no such key', async (store) => {
    assert.equal(await store.head('none/such'), undefined);
    await assert.rejects(store.get('none/such'), StoreError);
    await store.put('a/b', bytes('x'));
    assert.equal(await store.head('a'), undefined);
    await assert.rejects(store.get('a'), StoreError);
  });

  behaves('reads ranges, the end excluded and cut at the end of the object', async (store) => {
    await store.put('k', bytes('0123456789'));
    const ranges = [
      { range: { start: 0, end: 1 }, want: '0' },
      { range: { start: 3, end: 7 }, want: '3456' },
      { range: { start: 8, end: 99 }, want: '89' },
      { range: { start: 10, end: 12 }, want: '' },
      { range: { start: 4, end: 4 }, want: '' },
    ];
    for (const { range, want } of ranges) assert.equal(text(await store.get('k', range)), want);
  });

  behaves('deletes, and does not mind when there is nothing', async (store) => {
    await store.put('a/k', bytes('x'));
    await store.delete('a/k');
    await store.delete('a/k');
    await store.delete('never/was');
    assert.equal(await store.head('a/k'), undefined);
  });

  const hostile = [
    '',
    '/etc/passwd',
    '../up',
    'a/../../up',
    'a//b',
    'a/',
    './a',
    '.tmp/x',
    'A',
    'a b',
    'a\0b',
    'ä',
    'a\\b',
    'x'.repeat(600),
  ];
  behaves('refuses keys that could lead elsewhere', async (store) => {
    for (const key of hostile) {
      const attempts = [
        () => store.get(key),
        () => store.head(key),
        () => store.put(key, bytes('x')),
        () => store.delete(key),
      ];
      for (const attempt of attempts)
        await assert.rejects(async () => attempt(), /StoreError: store key/, key);
    }
    assert.deepEqual(await collect(store.list('')), []);
  });
}

function conditions(behaves: Behaves): void {
  behaves('puts what is absent, and leaves what is there', async (store) => {
    assert.equal((await store.putIfAbsent('a/k', bytes('first')))?.sizeBytes, 5);
    assert.equal(await store.putIfAbsent('a/k', bytes('second')), undefined);
    assert.equal(text(await store.get('a/k')), 'first');
  });

  behaves('replaces an object only if it is the one that was seen', async (store) => {
    const first = await store.put('k', bytes('one'));
    const second = await store.putIfMatch('k', bytes('two'), first.etag);
    assert.notEqual(second, undefined);
    assert.equal(await store.putIfMatch('k', bytes('three'), first.etag), undefined);
    assert.equal(text(await store.get('k')), 'two');
    await store.delete('k');
    assert.equal(await store.putIfMatch('k', bytes('four'), second!.etag), undefined);
    assert.equal(await store.head('k'), undefined);
  });

  behaves('lets exactly one of 16 creators win', async (store) => {
    for (let round = 0; round < 5; round++) {
      const key = `race/${String(round)}`;
      const heads = await Promise.all(
        Array.from({ length: 16 }, (_, i) => store.putIfAbsent(key, bytes(`writer ${String(i)}`))),
      );
      const winners = heads.flatMap((head, i) => (head === undefined ? [] : [i]));
      assert.equal(winners.length, 1);
      assert.equal(text(await store.get(key)), `writer ${String(winners[0])}`);
    }
  });

  behaves('lets exactly one of 16 replacers win', async (store) => {
    for (let round = 0; round < 5; round++) {
      const { etag } = await store.put('k', bytes(`round ${String(round)}`));
      const heads = await Promise.all(
        Array.from({ length: 16 }, (_, i) =>
          store.putIfMatch('k', bytes(`${String(round)} ${String(i)}`), etag),
        ),
      );
      assert.equal(heads.filter((head) => head !== undefined).length, 1);
    }
  });
}

function listing(behaves: Behaves, order: ListOrder): void {
  const rank = (key: string): string => (order === 'bytes' ? key : key.replaceAll('/', '\0'));
  const inOrder = (keys: readonly string[]): string[] =>
    [...keys].sort((a, b) => (rank(a) < rank(b) ? -1 : 1));
  behaves(`lists keys by prefix, in the order of ${order}, with sizes and etags`, async (store) => {
    const keys = ['b', 'a/b-c', 'a/b/2', 'a/b.json', 'a/b/10', 'ab/x', 'a/b_d'];
    for (const key of keys) await store.put(key, bytes(key));
    const listed = async (prefix: string) => (await collect(store.list(prefix))).map((head) => head.key);
    assert.deepEqual(
      await listed(''),
      inOrder(['a/b-c', 'a/b.json', 'a/b/10', 'a/b/2', 'a/b_d', 'ab/x', 'b']),
    );
    assert.deepEqual(await listed('a/b/'), ['a/b/10', 'a/b/2']);
    assert.deepEqual(await listed('a'), inOrder(['a/b-c', 'a/b.json', 'a/b/10', 'a/b/2', 'a/b_d', 'ab/x']));
    assert.deepEqual(await listed('nothing/'), []);
    const [first] = await collect(store.list('ab/'));
    assert.deepEqual(first, await store.head('ab/x'));
  });

  behaves('lists more keys than a server gives at once', async (store) => {
    const keys = Array.from({ length: 1003 }, (_, i) => `many/${String(i).padStart(4, '0')}`);
    for (let at = 0; at < keys.length; at += 50) {
      await Promise.all(keys.slice(at, at + 50).map((key) => store.put(key, bytes('x'))));
    }
    assert.deepEqual(
      (await collect(store.list('many/'))).map((head) => head.key),
      keys,
    );
  });
}

function files(behaves: Behaves): void {
  behaves('stores and fetches files, large ones too', async (store, t) => {
    const folder = await temporaryFolder(t);
    // Three parts of an upload whose parts have 5 MiB, the least that S3 takes.
    const sizes = [0, 1000, (5 << 20) * 2 + 12_345];
    for (const size of sizes) {
      const body = randomBytes(size);
      await writeFile(join(folder, 'in'), body);
      const head = await store.putFile('files/f', join(folder, 'in'));
      assert.equal(head.sizeBytes, size);
      assert.equal((await store.head('files/f'))?.etag, head.etag);
      await store.getFile('files/f', join(folder, 'sub', 'out'));
      assert.ok(body.equals(await readFile(join(folder, 'sub', 'out'))));
    }
  });

  behaves('says that there is no such file, and leaves no trace', async (store, t) => {
    const folder = await temporaryFolder(t);
    await assert.rejects(store.getFile('none', join(folder, 'out')), StoreError);
    await assert.rejects(readFile(join(folder, 'out')), { code: 'ENOENT' });
  });
}
