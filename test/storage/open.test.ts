import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { openFileStore } from '../../storage/file.js';
import { openStore } from '../../storage/open.js';
import { parseS3Uri } from '../../storage/s3.js';
import { temporaryFolder } from './workspace.js';

describe('openStore', () => {
  it('opens the same folder by path and by URL', async (t) => {
    const folder = join(await temporaryFolder(t), 'a store');
    const byPath = await openStore(folder);
    await byPath.put('k', Buffer.from('x'));
    const byUrl = await openStore(pathToFileURL(folder).href);
    assert.equal(Buffer.from(await byUrl.get('k')).toString(), 'x');
  });

  it('marks a new store with its version, once', async (t) => {
    const folder = await temporaryFolder(t);
    const stores = await Promise.all([openStore(folder), openStore(folder)]);
    assert.equal(
      Buffer.from(await stores[0].get('store.json')).toString(),
      '{"format":"assay-store","version":1}',
    );
  });

  const versions = [
    { name: 'a newer one', marker: '{"version":2}', want: /has store format 2, this Assay uses 1/ },
    { name: 'one that cannot be read', marker: '{', want: /has store format unknown/ },
  ];
  for (const { name, marker, want } of versions) {
    it(`refuses ${name}`, async (t) => {
      const folder = await temporaryFolder(t);
      await (await openFileStore(folder)).put('store.json', Buffer.from(marker));
      await assert.rejects(
        openStore(folder),
        (error: Error) => error.name === 'StoreError' && want.test(error.message),
      );
    });
  }

  for (const uri of ['http://host/x', 'gs://bucket/x', 's3://', 's3://A_B/x']) {
    it(`refuses ${uri}, and says what it takes`, async () => {
      await assert.rejects(openStore(uri), /ConfigError: .*s3:\/\/bucket\/prefix/);
    });
  }
});

describe('parseS3Uri', () => {
  const cases = [
    { in: 's3://bucket', want: { bucket: 'bucket', prefix: '' } },
    { in: 's3://bucket/', want: { bucket: 'bucket', prefix: '' } },
    { in: 's3://my.bucket/a/b/', want: { bucket: 'my.bucket', prefix: 'a/b' } },
  ];
  for (const { in: uri, want } of cases) it(uri, () => assert.deepEqual(parseS3Uri(uri), want));
});
