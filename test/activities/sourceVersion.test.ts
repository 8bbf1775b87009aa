import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { sourceVersion } from '../../activities/sourceVersion.js';
import { createSources } from '../../storage/sources.js';
import type { SourceFiles, StageContext } from '../../contracts/store.js';
import { contentHash } from '../../activities/contentHash.js';
import { openPieces } from '../../storage/pieces.js';
import { openFinishedStages } from '../../storage/stageCache.js';
import { memoryArtifacts } from '../fakes/artifacts.js';
import { memoryObjects } from '../fakes/objects.js';
import { fakeStageContext } from '../fakes/stageContext.js';

describe('what the source files hold', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'assay-version-'));
    write('day=1.csv', 'a,b\n1,2\n');
    write('day=2.csv', 'a,b\n3,4\n');
  });
  after(() => rmSync(folder, { recursive: true }));
  const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);
  const look = async (...sources: string[]) => {
    const context = { ...fakeStageContext({}), sources: createSources({ scratchDirectory: folder }) };
    const job = { path: 'sourceVersion', seed: 0, params: { sources }, inputs: {} };
    return (await sourceVersion.run(job, context)).figures;
  };
  const days = (): string => join(folder, 'day=*.csv');

  it('is counted, and named by a hash', async () => {
    const { version, files, bytes } = await look(days());
    assert.match(String(version), /^[0-9a-f]{64}$/);
    assert.deepEqual([files, bytes], [2, 16]);
  });

  it('stays the same when a file is touched, or written again with the same bytes', async () => {
    const before = await look(days());
    utimesSync(join(folder, 'day=1.csv'), 1, 1);
    write('day=2.csv', 'a,b\n3,4\n');
    assert.deepEqual(await look(days()), before);
  });

  it('does not depend on how the files are named, only on which they are', async () => {
    const each = await look(join(folder, 'day=2.csv'), join(folder, 'day=1.csv'), days());
    assert.deepEqual(each, await look(days()));
  });

  it('changes with one byte, and with a new file that a wildcard takes in', async () => {
    const first = await look(days());
    write('day=2.csv', 'a,b\n3,5\n');
    const second = await look(days());
    write('day=3.csv', 'a,b\n');
    const third = await look(days());
    assert.equal(new Set([first, second, third].map(({ version }) => version)).size, 3);
    assert.equal(third['files'], 3);
  });

  it('takes in the three files of an encoder', async () => {
    const model = join(folder, 'bert');
    mkdirSync(model);
    for (const name of ['config.json', 'vocab.txt', 'model.safetensors']) write(join('bert', name), name);
    const params = { sources: [days()], encoder: model };
    const lookAt = async () => {
      const context = { ...fakeStageContext({}), sources: createSources({ scratchDirectory: folder }) };
      return (await sourceVersion.run({ path: 'v', seed: 0, params, inputs: {} }, context)).figures;
    };
    const first = await lookAt();
    assert.equal(first['files'], Number((await look(days()))['files']) + 3);
    write('bert/model.safetensors', 'trained on');
    assert.notEqual((await lookAt())['version'], first['version']);
    rmSync(join(model, 'vocab.txt'));
    await assert.rejects(lookAt(), /model\.from: .*vocab\.txt/);
  });

  it('says which file is missing', async () => {
    await assert.rejects(look(join(folder, 'gone.csv')), /no file .*gone\.csv/);
  });
});

describe('files that have stamps', () => {
  /** Files in memory: their stamps and contents by name. */
  type Files = Record<string, readonly [stamp: string | undefined, content: string]>;
  let opened: string[] = [];
  let context: StageContext;
  before(() => {
    const finished = openFinishedStages(memoryObjects(), memoryArtifacts());
    const pieces = openPieces(finished, { stage: 'sourceVersion', codeVersion: '1' });
    const hashes = openPieces(finished, { stage: 'contentHash', codeVersion: '1' });
    context = { ...fakeStageContext(), pieces, hashes };
  });
  const sourcesOf = (files: Files): SourceFiles => ({
    resolve: () =>
      Promise.resolve(
        Object.entries(files).map(([uri, [stamp, content]]) => ({
          ...{ uri, sizeBytes: content.length, ...(stamp === undefined ? {} : { stamp }) },
          async *open() {
            opened.push(uri);
            yield await Promise.resolve(Buffer.from(content));
          },
          localPath: () => Promise.reject(new Error('a file in memory has no path')),
        })),
      ),
  });
  const look = async (files: Files) => {
    opened = [];
    const params = { sources: ['*'] };
    const given = { ...context, sources: sourcesOf(files) };
    const { figures } = await sourceVersion.run({ path: 'v', seed: 0, params, inputs: {} }, given);
    return { version: figures['version'], opened };
  };

  const files: Files = { a: ['a1', 'x'], b: ['b1', 'y'] };
  it('are read once, then never while the stamps stay', async () => {
    const first = await look(files);
    assert.deepEqual(first.opened, ['a', 'b']);
    assert.deepEqual(await look(files), { version: first.version, opened: [] });
  });

  it('are read where the stamp is another one, which alone is no change', async () => {
    const { version } = await look(files);
    assert.deepEqual(await look({ ...files, b: ['b2', 'y'] }), { version, opened: ['b'] });
    const changed = await look({ ...files, b: ['b3', 'z'] });
    assert.deepEqual(changed.opened, ['b']);
    assert.notEqual(changed.version, version);
  });

  it('are read each time where one has none', async () => {
    const fresh: Files = { ...files, c: [undefined, 'w'] };
    const { version } = await look(fresh);
    assert.deepEqual(await look(fresh), { version, opened: ['c'] });
  });

  it('are not read again by other stages', async () => {
    const [a] = await sourcesOf(files).resolve(['*']);
    opened = [];
    // SHA-256 of "x", by sha256sum.
    const want = '2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881';
    assert.equal(await contentHash(a!, context), want);
    assert.deepEqual(opened, []);
  });
});
