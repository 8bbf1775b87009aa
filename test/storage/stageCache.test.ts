import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import type { ArtifactRef } from '../../contracts/artifact.js';
import type { CacheEntry } from '../../contracts/stage.js';
import { openArtifacts } from '../../storage/artifacts.js';
import { openFileStore } from '../../storage/file.js';
import { openFinishedStages, stageKey, type StageKeyParts } from '../../storage/stageCache.js';
import { temporaryFolder } from './workspace.js';

const hash = (digit: string): string => digit.repeat(64);
const ref = (digit: string, key = 'k'): ArtifactRef => ({
  kind: 'features',
  key,
  sha256: hash(digit),
  rows: 1,
});

const parts: StageKeyParts = {
  stage: 'featurize',
  codeVersion: '1',
  params: { ngrams: [1, 2], lowercase: true },
  inputs: { samples: [ref('a'), ref('b')] },
  seed: 7,
};

describe('stageKey', () => {
  const same: { name: string; change: Partial<StageKeyParts> }[] = [
    { name: 'the order of parameters', change: { params: { lowercase: true, ngrams: [1, 2] } } },
    { name: 'where an input lies', change: { inputs: { samples: [ref('a', 'elsewhere'), ref('b')] } } },
  ];
  for (const { name, change } of same) {
    it(`does not depend on ${name}`, () => assert.equal(stageKey({ ...parts, ...change }), stageKey(parts)));
  }

  const other: { name: string; change: Partial<StageKeyParts> }[] = [
    { name: 'the stage', change: { stage: 'fit' } },
    { name: 'the code', change: { codeVersion: '2' } },
    { name: 'a parameter', change: { params: { ngrams: [2, 1], lowercase: true } } },
    { name: 'the seed', change: { seed: 8 } },
    { name: 'the content of an input', change: { inputs: { samples: [ref('a'), ref('c')] } } },
    { name: 'the order of inputs', change: { inputs: { samples: [ref('b'), ref('a')] } } },
    { name: 'the name of an input', change: { inputs: { rows: [ref('a'), ref('b')] } } },
    { name: 'what else decides the bytes', change: { extra: { threads: 2 } } },
  ];
  for (const { name, change } of other) {
    it(`changes with ${name}`, () => assert.notEqual(stageKey({ ...parts, ...change }), stageKey(parts)));
  }

  it('refuses parameters that JSON would change', () => {
    assert.throws(() => stageKey({ ...parts, params: { c: NaN } }), /can't hold NaN/);
  });
});

async function bench(t: TestContext) {
  const folder = await temporaryFolder(t);
  const store = await openFileStore(join(folder, 'store'));
  const artifacts = openArtifacts(store, { scratchDirectory: join(folder, 'scratch') });
  const output = await artifacts.writeBlob('featurizer', Buffer.from('{}'), 'application/json');
  const key = stageKey({ ...parts, stage: 'crossValidate' });
  const entry: CacheEntry = {
    ...{ formatVersion: 1, stageKey: key, stage: 'crossValidate', codeVersion: '1', seed: 7 },
    ...{ params: {}, inputs: {}, outputs: { featurizer: [output] }, figures: { rows: 3 } },
  };
  return { store, artifacts, output, key, entry, finished: openFinishedStages(store, artifacts) };
}

describe('finished stages', () => {
  it('are found by key, and by no other key', async (t) => {
    const { finished, entry, key } = await bench(t);
    assert.equal(await finished.lookup('crossValidate', key), undefined);
    await finished.record(entry);
    assert.deepEqual(await finished.lookup('crossValidate', key), entry);
    assert.equal(await finished.lookup('crossValidate', hash('0')), undefined);
  });

  it('are recorded anew by a run that bypassed the cache', async (t) => {
    const { finished, entry, key } = await bench(t);
    await finished.record(entry);
    await finished.record({ ...entry, figures: { rows: 4 } });
    assert.deepEqual((await finished.lookup('crossValidate', key))?.figures, { rows: 4 });
  });

  it('are not found when an output is missing or altered', async (t) => {
    const { finished, entry, key, store, artifacts, output } = await bench(t);
    await finished.record(entry);
    const [part] = (await artifacts.manifest(output)).parts;
    await writeFile(store.localPath(part!.key), '[]');
    assert.equal(await finished.lookup('crossValidate', key), undefined);
    await artifacts.writeBlob('featurizer', Buffer.from('{}'), 'application/json');
    assert.deepEqual(await finished.lookup('crossValidate', key), entry);
    await rm(store.localPath(output.key));
    assert.equal(await finished.lookup('crossValidate', key), undefined);
  });

  it('are not found when their entry is damaged', async (t) => {
    const { finished, entry, key, store } = await bench(t);
    await finished.record(entry);
    for (const damage of ['', '{"formatVersion":1}', '{']) {
      await store.put(`cache/crossvalidate/${key}.json`, Buffer.from(damage));
      assert.equal(await finished.lookup('crossValidate', key), undefined);
    }
  });
});
