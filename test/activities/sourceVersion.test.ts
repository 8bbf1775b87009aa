import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { sourceVersion } from '../../activities/sourceVersion.js';
import { createSources } from '../../storage/sources.js';
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

  it('says which file is missing', async () => {
    await assert.rejects(look(join(folder, 'gone.csv')), /no file .*gone\.csv/);
  });
});
