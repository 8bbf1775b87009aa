import assert from 'node:assert/strict';
import { mkdir, readFile, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { pathToFileURL } from 'node:url';
import { createSources, type SourcesOptions } from '../../storage/sources.js';
import { collect, temporaryFolder } from './workspace.js';

async function bench(t: TestContext, options: Partial<SourcesOptions> = {}) {
  const folder = await temporaryFolder(t);
  await mkdir(join(folder, 'data', 'deep'), { recursive: true });
  for (const name of ['b.csv', 'a.csv', 'c.tsv', 'deep/d.csv', 'odd*.csv']) {
    await writeFile(join(folder, 'data', name), name);
  }
  return { folder, sources: createSources({ scratchDirectory: folder, baseDirectory: folder, ...options }) };
}

describe('source files', () => {
  const cases = [
    { name: 'a path', in: ['data/a.csv'], want: ['data/a.csv'] },
    { name: 'a pattern, sorted', in: ['data/{b,a}.csv'], want: ['data/a.csv', 'data/b.csv'] },
    { name: 'a pattern through folders', in: ['**/d.csv'], want: ['data/deep/d.csv'] },
    { name: 'a name with a wildcard in it', in: ['data/odd*.csv'], want: ['data/odd*.csv'] },
    {
      name: 'a file once, however often named',
      in: ['data/a.csv', 'data/?.csv'],
      want: ['data/a.csv', 'data/b.csv'],
    },
  ];
  for (const { name, in: uris, want } of cases) {
    it(`resolve ${name}`, async (t) => {
      const { sources } = await bench(t);
      assert.deepEqual(
        (await sources.resolve(uris)).map((file) => file.uri),
        want,
      );
    });
  }

  it('open by path and by file URL', async (t) => {
    const { folder, sources } = await bench(t);
    const path = join(folder, 'data', 'deep', 'd.csv');
    for (const uri of [path, pathToFileURL(path).href]) {
      const [file] = await sources.resolve([uri]);
      assert.equal(Buffer.concat(await collect(file!.open())).toString(), 'deep/d.csv');
      assert.equal(await readFile(await file!.localPath(), 'utf8'), 'deep/d.csv');
      assert.equal(file!.sizeBytes, 10);
    }
  });

  it('have a stamp that changes with their content, also where size and time of writing are put back', async (t) => {
    const { folder, sources } = await bench(t);
    const stampOf = async (): Promise<string | undefined> =>
      (await sources.resolve(['data/a.csv']))[0]!.stamp;
    assert.equal(await stampOf(), undefined, 'a file that changed just now may do so again');
    t.mock.timers.enable({ apis: ['Date'], now: Date.now() + 5_000 });
    const first = await stampOf();
    assert.ok(first);
    assert.equal(await stampOf(), first);
    const path = join(folder, 'data', 'a.csv');
    const { atime, mtime } = await stat(path);
    await writeFile(path, 'b.csv');
    await utimes(path, atime, mtime);
    t.mock.timers.setTime(Date.now() + 5_000);
    const second = await stampOf();
    assert.ok(second);
    assert.notEqual(second, first);
  });

  const refusals = [
    {
      name: 'what is not there',
      uri: 'data/x.csv',
      want: /no file data\/x\.csv; the folder data has: a\.csv, b\.csv, c\.tsv/,
    },
    {
      name: 'a pattern without a match',
      uri: 'data/*.json',
      want: /no file matches data\/\*\.json; the folder data\/ has: a\.csv/,
    },
    {
      name: 'a folder that is not there',
      uri: 'none/*.csv',
      want: /no file matches .*; there is no folder /,
    },
    { name: 'a folder', uri: 'data', want: /data is a folder: name its files, for instance data\/\*\.csv/ },
    {
      name: 'another scheme',
      uri: 'ftp://x/y',
      want: /expected a path, file:\/\/ or s3:\/\/, got the scheme ftp/,
    },
  ];
  for (const { name, uri, want } of refusals) {
    it(`refuse ${name}, and say what there is`, async (t) => {
      const { sources } = await bench(t);
      await assert.rejects(
        sources.resolve([uri]),
        (error: Error) => error.name === 'DataError' && want.test(error.message),
      );
    });
  }

  it('stay below the root that is set, links included', async (t) => {
    const { folder } = await bench(t);
    const root = join(folder, 'data');
    await symlink('/etc/hostname', join(root, 'link.csv'));
    const sources = createSources({ scratchDirectory: folder, baseDirectory: root, root });
    assert.equal((await sources.resolve(['a.csv'])).length, 1);
    for (const uri of [
      '/etc/hostname',
      'link.csv',
      '../data/../../../etc/hostname',
      'file:///etc/hostname',
    ]) {
      await assert.rejects(sources.resolve([uri]), /DataError/, uri);
    }
  });
});
