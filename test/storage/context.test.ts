import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { createStageContexts } from '../../storage/context.js';
import { openFileStore } from '../../storage/file.js';
import { createMemo } from '../../storage/memo.js';
import { temporaryFolder } from './workspace.js';

const [FIRST, SECOND] = ['a'.repeat(64), 'b'.repeat(64)];
const hooks = { signal: new AbortController().signal, progress: () => undefined };

async function contexts(t: TestContext) {
  const folder = await temporaryFolder(t);
  const store = await openFileStore(join(folder, 'store'));
  return createStageContexts(store, { scratchDirectory: join(folder, 'scratch') });
}

describe('stage contexts', () => {
  it('tell of a checkpoint once it can be loaded', async (t) => {
    const contextFor = await contexts(t);
    const told: number[] = [];
    const context = contextFor(FIRST, { ...hooks, checkpointSaved: (position) => told.push(position) });
    await context.checkpoints.save({ position: 4, tensors: [] });
    assert.deepEqual(told, [4]);
    assert.equal((await contextFor(FIRST, hooks).checkpoints.load())?.position, 4);
    assert.equal(await contextFor(SECOND, hooks).checkpoints.load(), undefined);
  });

  it('share what was memorised', async (t) => {
    const contextFor = await contexts(t);
    await contextFor(FIRST, hooks).memo('k', () => Promise.resolve(1));
    assert.equal(await contextFor(SECOND, hooks).memo('k', () => Promise.resolve(2)), 1);
  });

  it('count the openings of a test set: each stage once, at the same time too', async (t) => {
    const contextFor = await contexts(t);
    const testSet = 'c'.repeat(64);
    const keys = Array.from({ length: 6 }, (_, i) => String(i).repeat(64));
    const numbers = await Promise.all(keys.map((key) => contextFor(key, hooks).openTestSet(testSet)));
    assert.deepEqual([...numbers].sort(), [1, 2, 3, 4, 5, 6]);
    assert.equal(await contextFor(keys[2]!, hooks).openTestSet(testSet), numbers[2]);
    assert.equal(await contextFor(keys[2]!, hooks).openTestSet('d'.repeat(64)), 1);
  });
});

describe('createMemo', () => {
  it('loads once, also for callers at the same time', async () => {
    const memo = createMemo(2);
    let loads = 0;
    const load = () => Promise.resolve(++loads);
    assert.deepEqual(await Promise.all([memo('a', load), memo('a', load)]), [1, 1]);
  });

  it('forgets what was not used for longest', async () => {
    const memo = createMemo(2);
    const loaded: string[] = [];
    const use = (key: string) => memo(key, () => Promise.resolve(loaded.push(key)));
    for (const key of ['a', 'b', 'a', 'c', 'a', 'b']) await use(key);
    assert.deepEqual(loaded, ['a', 'b', 'c', 'b']);
  });

  it('does not keep a failure', async () => {
    const memo = createMemo(2);
    await assert.rejects(
      memo('a', () => Promise.reject(new Error('broken'))),
      /broken/,
    );
    assert.equal(await memo('a', () => Promise.resolve(1)), 1);
  });
});
