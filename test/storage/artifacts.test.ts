import assert from 'node:assert/strict';
import { readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import type { ColumnSpec } from '../../contracts/artifact.js';
import type { ObjectStore } from '../../contracts/store.js';
import type { ColumnBatch } from '../../contracts/table.js';
import { openArtifacts } from '../../storage/artifacts.js';
import { openFileStore } from '../../storage/file.js';
import { collect, temporaryFolder } from './workspace.js';

const columns: readonly ColumnSpec[] = [
  { name: 'row', type: 'int32' },
  { name: 'score', type: 'float64' },
];
const batch: ColumnBatch = {
  rows: 3,
  columns: { row: Int32Array.of(0, 1, 2), score: Float64Array.of(0.5, NaN, -1) },
};

/** The same objects, but not as local files: what a remote store looks like. */
function remote(store: ObjectStore): ObjectStore {
  return {
    description: 's3://pretended',
    get: (key, range) => store.get(key, range),
    head: (key) => store.head(key),
    put: (key, body) => store.put(key, body),
    putIfAbsent: (key, body) => store.putIfAbsent(key, body),
    putIfMatch: (key, body, etag) => store.putIfMatch(key, body, etag),
    putFile: (key, path) => store.putFile(key, path),
    getFile: (key, path) => store.getFile(key, path),
    list: (prefix) => store.list(prefix),
    delete: (key) => store.delete(key),
  };
}

async function bench(t: TestContext, kind: 'folder' | 'remote') {
  const folder = await temporaryFolder(t);
  const scratchDirectory = join(folder, 'scratch');
  const files = await openFileStore(join(folder, 'store'));
  const store = kind === 'folder' ? files : remote(files);
  return { files, scratchDirectory, store, artifacts: openArtifacts(store, { scratchDirectory }) };
}

for (const kind of ['folder', 'remote'] as const) {
  describe(`artifacts in a ${kind} store`, () => {
    it('give back the rows that were written, and leave nothing in scratch but checked parts', async (t) => {
      const { artifacts, scratchDirectory } = await bench(t, kind);
      const ref = await artifacts.writeTable('scores', columns, [batch]);
      assert.deepEqual({ kind: ref.kind, rows: ref.rows }, { kind: 'scores', rows: 3 });
      assert.deepEqual(await collect(artifacts.readTable(ref)), [batch]);
      const left = await readdir(scratchDirectory).catch(() => []);
      assert.deepEqual(left, kind === 'folder' ? [] : ['parts']);
    });

    it('with equal rows have equal references, with other rows others', async (t) => {
      const { artifacts } = await bench(t, kind);
      const first = await artifacts.writeTable('scores', columns, [batch]);
      assert.deepEqual(await artifacts.writeTable('scores', columns, [batch]), first);
      const other = { rows: 1, columns: { row: Int32Array.of(0), score: Float64Array.of(1) } };
      assert.notEqual((await artifacts.writeTable('scores', columns, [other])).sha256, first.sha256);
    });

    it('without rows know their columns, and differ from others without rows', async (t) => {
      const { artifacts } = await bench(t, kind);
      const ref = await artifacts.writeTable('scores', columns, []);
      assert.deepEqual((await artifacts.manifest(ref)).columns, columns);
      assert.deepEqual(await collect(artifacts.readTable(ref)), []);
      const other = await artifacts.writeTable('scores', columns.slice(1), []);
      assert.notEqual(other.sha256, ref.sha256);
    });

    it('read some of the columns, and name the known ones when there is no such column', async (t) => {
      const { artifacts } = await bench(t, kind);
      const ref = await artifacts.writeTable('scores', columns, [batch]);
      const [read] = await collect(artifacts.readTable(ref, { columns: ['score'] }));
      assert.deepEqual(read, { rows: 3, columns: { score: batch.columns['score'] } });
      await assert.rejects(
        collect(artifacts.readTable(ref, { columns: ['scores'] })),
        /no column scores, it has row, score/,
      );
    });

    it('are joined in order, none of their bytes written again; others than of one kind and schema are refused', async (t) => {
      const { artifacts, files } = await bench(t, kind);
      const other = { rows: 1, columns: { row: Int32Array.of(9), score: Float64Array.of(1) } };
      const first = await artifacts.writeTable('scores', columns, [batch]);
      const second = await artifacts.writeTable('scores', columns, [other]);
      const none = await artifacts.writeTable('scores', columns, []);
      const blobs = async (): Promise<number> => (await collect(files.list('blobs/'))).length;
      const before = await blobs();
      const joined = await artifacts.joinTables([second, none, first]);
      assert.deepEqual([joined.kind, joined.rows, await blobs()], ['scores', 4, before]);
      assert.deepEqual(await collect(artifacts.readTable(joined)), [other, batch]);
      const sections = async function* () {
        for (const rows of [[other], [], [batch]])
          yield (async function* () {
            for (const one of rows) yield await Promise.resolve(one);
          })();
      };
      assert.deepEqual(await artifacts.writeSections('scores', columns, sections()), joined);
      assert.deepEqual(await artifacts.joinTables([first]), first);
      const reversed = await artifacts.writeTable('scores', columns.toReversed(), [batch]);
      await assert.rejects(
        artifacts.joinTables([first, reversed]),
        /can't be joined: it holds scores \(score/,
      );
      const weights = await artifacts.writeTable('weights', columns, [batch]);
      await assert.rejects(artifacts.joinTables([first, weights]), /can't be joined: it holds weights/);
    });

    it('hold metrics, whichever library their values allow', async (t) => {
      const { artifacts } = await bench(t, kind);
      for (const score of [0.5, Infinity]) {
        const rows = { rows: 1, columns: { row: Int32Array.of(0), score: Float64Array.of(score) } };
        const ref = await artifacts.writeTable('metrics', columns, [rows]);
        assert.deepEqual(await collect(artifacts.readTable(ref)), [rows]);
        const [part] = await collect(artifacts.readTable(ref, { columns: ['score'] }));
        assert.deepEqual(part!.columns, { score: rows.columns.score });
      }
    });

    it('hold blobs and models', async (t) => {
      const { artifacts } = await bench(t, kind);
      const blob = await artifacts.writeBlob('report', Buffer.from('<p>'), 'text/html');
      assert.equal(Buffer.from(await artifacts.readBlob(blob)).toString(), '<p>');
      const tensors = [
        {
          name: 'w',
          shape: [2, 150_000],
          data: Float64Array.from({ length: 300_000 }, (_, i) => Math.sin(i)),
        },
        { name: 'none', shape: [0, 3], data: new Float32Array(0) },
        { name: 'b', shape: [], data: Int32Array.of(-7) },
      ];
      assert.deepEqual(await artifacts.readModel(await artifacts.writeModel(tensors)), tensors);
    });

    const damages = [
      {
        name: 'a missing part',
        damage: (path: string) => rm(path),
        want: /blobs\/sha256.* is missing.*start the run anew/s,
      },
      {
        name: 'a cut part',
        damage: (path: string) => truncate(path, 100),
        want: /blobs\/.* is altered: expected SHA-256/,
      },
      {
        name: 'a part with one other bit',
        damage: async (path: string) => {
          const bytes = await readFile(path);
          bytes[50]! ^= 1;
          await writeFile(path, bytes);
        },
        want: /blobs\/.* is altered/,
      },
    ];
    for (const { name, damage, want } of damages) {
      it(`notice ${name}, and mend it when the rows are written again`, async (t) => {
        const { artifacts, files } = await bench(t, kind);
        const ref = await artifacts.writeTable('scores', columns, [batch]);
        const [part] = (await artifacts.manifest(ref)).parts;
        // Reading it first would fill the cache of a remote store, rightly.
        if (kind === 'remote')
          await rm(join(files.localPath('x'), '../../scratch'), { recursive: true, force: true });
        await damage(files.localPath(part!.key));
        await assert.rejects(collect(artifacts.readTable(ref)), (error: Error) => {
          assert.equal(error.name, 'StoreError');
          return want.test(error.message);
        });
        assert.equal(await artifacts.verify(ref, { deep: true }), false);
        await artifacts.writeTable('scores', columns, [batch]);
        assert.equal(await artifacts.verify(ref, { deep: true }), true);
      });
    }

    it('notice a manifest that names other parts, or is of another format', async (t) => {
      const { artifacts, files } = await bench(t, kind);
      const ref = await artifacts.writeTable('scores', columns, [batch]);
      const other = await artifacts.writeTable('scores', columns, []);
      const original = await readFile(files.localPath(ref.key), 'utf8');
      await writeFile(files.localPath(ref.key), await readFile(files.localPath(other.key)));
      await assert.rejects(artifacts.manifest(ref), /is altered: its content does not hash/);
      await writeFile(files.localPath(ref.key), original.replace('"formatVersion":1', '"formatVersion":2'));
      await assert.rejects(artifacts.manifest(ref), /has manifest format 2, this Assay reads 1/);
      await writeFile(files.localPath(ref.key), '{');
      await assert.rejects(artifacts.manifest(ref), /is altered: it is not JSON/);
    });
  });
}

describe('the cache of downloaded parts', () => {
  it('does not believe a part that was altered in the cache', async (t) => {
    const { artifacts, scratchDirectory } = await bench(t, 'remote');
    const ref = await artifacts.writeTable('scores', columns, [batch]);
    await collect(artifacts.readTable(ref));
    const [name] = await readdir(join(scratchDirectory, 'parts'));
    await truncate(join(scratchDirectory, 'parts', name!), 10);
    assert.deepEqual(await collect(artifacts.readTable(ref)), [batch]);
  });

  it('downloads a part once for readers that come at the same time', async (t) => {
    const { files, scratchDirectory } = await bench(t, 'remote');
    let downloads = 0;
    const counting = remote(files);
    counting.getFile = (key, path) => (downloads++, files.getFile(key, path));
    const artifacts = openArtifacts(counting, { scratchDirectory });
    const ref = await artifacts.writeTable('scores', columns, [batch]);
    await Promise.all([1, 2, 3].map(() => collect(artifacts.readTable(ref))));
    assert.equal(downloads, 1);
  });
});
