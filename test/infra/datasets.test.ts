import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { ConfigError, DataError } from '../../contracts/errors.js';
import type { OriginFile } from '../../datasets/dataset.js';
import { materialise, readTruth } from '../../infra/datasets.js';
import { loadOriginFiles } from '../../infra/originFiles.js';

const content = Buffer.from('text,category\nhello,greeting\n');
const file: OriginFile = {
  name: 'train.csv',
  repository: 'owner/set',
  commit: 'c0ffee',
  path: 'a folder/train.csv',
  sha256: createHash('sha256').update(content).digest('hex'),
};
const set = { name: 'toy', folder: 'toy', files: [file] };

let folder = '';
before(async () => (folder = await mkdtemp(join(tmpdir(), 'assay-datasets-'))));
after(() => rm(folder, { recursive: true, force: true }));

describe('loadOriginFiles', () => {
  it('takes the file from the data folder, packed by gzip or not', async () => {
    for (const [name, bytes] of [
      ['train.csv', content],
      ['train.csv.gz', gzipSync(content)],
    ] as const) {
      const dataDirectory = await mkdtemp(join(folder, 'data-'));
      await mkdir(join(dataDirectory, 'toy'));
      await writeFile(join(dataDirectory, 'toy', name), bytes);
      const files = await loadOriginFiles(set, { dataDirectory, cacheDirectory: join(folder, 'unused') });
      assert.deepEqual(Buffer.from(files.get('train.csv')!), content);
    }
  });

  it('refuses a file that is not the published one', async () => {
    const dataDirectory = await mkdtemp(join(folder, 'data-'));
    await mkdir(join(dataDirectory, 'toy'));
    await writeFile(join(dataDirectory, 'toy', 'train.csv'), 'another');
    await assert.rejects(loadOriginFiles(set, { dataDirectory }), (error: unknown) => {
      assert.ok(error instanceof DataError);
      assert.match(error.message, /train\.csv: expected SHA-256 [0-9a-f]{64} as published, got [0-9a-f]{64}/);
      return true;
    });
  });

  it('downloads what is nowhere once, at its commit, into the cache', async () => {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(request.url!);
      response.end(content);
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const { port } = server.address() as AddressInfo; // it listens on TCP
    const baseUrl = `http://127.0.0.1:${String(port)}`;
    const options = { dataDirectory: undefined, cacheDirectory: join(folder, 'cache'), baseUrl };
    try {
      for (let i = 0; i < 2; i++) {
        const files = await loadOriginFiles(set, options);
        assert.deepEqual(Buffer.from(files.get('train.csv')!), content);
      }
    } finally {
      server.close();
    }
    assert.deepEqual(asked, ['/owner/set/c0ffee/a%20folder/train.csv']);
  });

  it('says what is missing, where it looked, and where to put it', async () => {
    const server = createServer((_, response) => void response.writeHead(404).end());
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const { port } = server.address() as AddressInfo; // it listens on TCP
    const cacheDirectory = join(folder, 'empty');
    const options = { dataDirectory: undefined, cacheDirectory, baseUrl: `http://127.0.0.1:${String(port)}` };
    try {
      await assert.rejects(loadOriginFiles(set, options), (error: unknown) => {
        assert.ok(error instanceof DataError && error.cause instanceof Error);
        assert.match(
          error.message,
          /data set toy: train\.csv is missing: ASSAY_DATA_DIR is not set, not in the cache/,
        );
        assert.ok(error.message.includes(join(cacheDirectory, 'datasets', 'toy', 'train.csv')));
        assert.match(error.message, /HTTP 404/);
        return true;
      });
    } finally {
      server.close();
    }
  });
});

describe('materialise', () => {
  it('writes the table, and aside the truth, the same bytes each time', async () => {
    const outDirectory = join(folder, 'out');
    const one = await materialise('synthetic_tiny', { outDirectory });
    const first = await readFile(one.table);
    const two = await materialise('synthetic_tiny', { outDirectory });
    assert.deepEqual(two, one);
    assert.deepEqual(await readFile(two.table), first);
    assert.equal(one.tableSha256, createHash('sha256').update(first).digest('hex'));
    assert.equal(one.dataset.source, one.table);
  });

  it('keeps out of the table what the truth knows', async () => {
    const outDirectory = join(folder, 'aside');
    const noisy = await materialise('synthetic_tiny', { outDirectory, noise: { rate: 0.3 } });
    const clean = await materialise('synthetic_tiny', { outDirectory, noise: { rate: 0 } });
    const truth = await readTruth(noisy.truth);
    assert.equal(truth.ids.length, 1000);
    const [header] = (await readFile(noisy.table, 'utf8')).split('\n');
    assert.doesNotMatch(header!, /true|flip/i);
    assert.notEqual(noisy.table, clean.table);
    assert.ok((await readTruth(clean.truth)).flipped.every((flip) => !flip));
    assert.deepEqual((await readTruth(clean.truth)).targets, truth.targets);
    assert.ok(truth.flipped.filter(Boolean).length > 200);
  });

  it('names the sets that there are when asked for another', async () => {
    await assert.rejects(materialise('baking77', { outDirectory: folder }), (error: unknown) => {
      assert.ok(error instanceof ConfigError);
      assert.match(error.message, /synthetic \| .*got "baking77"; did you mean "banking77"\?/);
      return true;
    });
  });
});
