import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { ObjectStore } from '../../contracts/store.js';
import { openFileStore } from '../../storage/file.js';
import { openRegistry } from '../../storage/registry.js';
import { memoryObjects } from '../fakes/objects.js';
import { modelDraft } from '../fakes/modelDraft.js';
import { temporaryFolder } from './workspace.js';

const LETTERS = 'abcdef0123';

const promotion = (version: number, more: { alias?: string; expected?: number } = {}) => ({
  ...{ name: 'toy', alias: 'champion', version, by: 'ann', why: `because of ${version}` },
  action: 'promote' as const,
  ...more,
});

/** A registry with so many versions of `toy`, and a clock that ticks by seconds. */
async function registryWith(versions: number, store: ObjectStore = memoryObjects()) {
  let seconds = 0;
  const registry = openRegistry(store, () => new Date(1_793_000_000_000 + 1000 * seconds++));
  for (let v = 0; v < versions; v++) await registry.register(modelDraft(LETTERS[v]!));
  return registry;
}

describe('versions of a model', () => {
  it('are numbered from 1, oldest first, and keep what they were registered with', async () => {
    const registry = await registryWith(2);
    const all = await registry.versions('toy');
    assert.deepEqual(
      all.map(({ version, createdAt }) => [version, createdAt]),
      [
        [1, '2026-10-26T07:33:20.000Z'],
        [2, '2026-10-26T07:33:21.000Z'],
      ],
    );
    const { formatVersion, version, createdAt, ...draft } = all[1]!;
    assert.deepEqual([formatVersion, version, typeof createdAt], [1, 2, 'string']);
    assert.deepEqual(draft, modelDraft('b'));
    assert.deepEqual(await registry.names(), ['toy']);
  });

  it('are found one by one; a name or number that nobody has is undefined', async () => {
    const registry = await registryWith(1);
    assert.equal((await registry.version('toy', 1))!.artifacts.weights.sha256, 'a'.repeat(64));
    assert.equal(await registry.version('toy', 2), undefined);
    assert.deepEqual(await registry.versions('other'), []);
  });

  it('are the same for the same model, whatever run made it anew', async () => {
    const registry = await registryWith(2);
    const again = await registry.register(modelDraft('a', { runId: 'train/toy/later', metrics: {} }));
    assert.equal(again.version, 1);
    assert.equal((await registry.versions('toy')).length, 2);
    const otherColumns = modelDraft('a', { treatment: { clip: [], fill: [{ column: 'x', value: 1 }] } });
    assert.equal((await registry.register(otherColumns)).version, 3);
  });

  it('get different numbers when many register at once, on a real folder', async (t) => {
    const store = await openFileStore(await temporaryFolder(t));
    const letters = [...LETTERS];
    const registries = letters.map(() => openRegistry(store));
    const made = await Promise.all(letters.map((one, i) => registries[i]!.register(modelDraft(one))));
    assert.deepEqual(
      made.map(({ version }) => version).sort((a, b) => a - b),
      letters.map((_, i) => i + 1),
    );
  });

  it('of another format, or damaged, are refused by their key', async () => {
    const store = memoryObjects();
    const registry = await registryWith(1, store);
    await store.put('models/toy/versions/1.json', Buffer.from('{"formatVersion":2}'));
    await assert.rejects(
      registry.versions('toy'),
      /models\/toy\/versions\/1\.json has format 2, this Assay reads 1/,
    );
    await store.put('models/toy/versions/1.json', Buffer.from('{'));
    await assert.rejects(registry.versions('toy'), /models\/toy\/versions\/1\.json is damaged/);
  });
});

describe('aliases', () => {
  it('are held by their last move, and keep every move', async () => {
    const registry = await registryWith(3);
    assert.equal(await registry.holder('toy', 'champion'), undefined);
    for (const version of [1, 3, 2]) await registry.move(promotion(version));
    assert.equal((await registry.holder('toy', 'champion'))!.version, 2);
    const moves = await registry.moves('toy');
    assert.deepEqual(
      moves.map(({ number, version, by, why }) => [number, version, by, why]),
      [
        [1, 1, 'ann', 'because of 1'],
        [2, 3, 'ann', 'because of 3'],
        [3, 2, 'ann', 'because of 2'],
      ],
    );
  });

  it('do not disturb one another', async () => {
    const registry = await registryWith(2);
    await registry.move(promotion(1));
    await registry.move(promotion(2, { alias: 'canary' }));
    assert.equal((await registry.holder('toy', 'champion'))!.version, 1);
    assert.equal((await registry.holder('toy', 'canary'))!.version, 2);
  });

  it('move only from where they are expected to be', async () => {
    const registry = await registryWith(3);
    const first = await registry.move(promotion(1, { expected: 0 }));
    assert.equal(first!.number, 1);
    assert.equal(await registry.move(promotion(2, { expected: 0 })), undefined);
    await registry.move(promotion(3, { alias: 'canary' })); // the number moves on, the champion does not
    assert.equal((await registry.move(promotion(2, { expected: 1 })))!.number, 3);
  });

  it('refuse a version that is not there, and say which are', async () => {
    const registry = await registryWith(2);
    await assert.rejects(registry.move(promotion(9)), /no model toy@9; there are toy@1, toy@2/);
    await assert.rejects(registry.move({ ...promotion(1), name: 'x' }), /no version of x is registered/);
  });

  it('have one winner when several expect the same champion, on a real folder', async (t) => {
    const store = await openFileStore(await temporaryFolder(t));
    await registryWith(8, store);
    const asked = Array.from({ length: 8 }, (_, i) =>
      openRegistry(store).move(promotion(i + 1, { expected: 0 })),
    );
    const won = (await Promise.all(asked)).filter((move) => move !== undefined);
    assert.equal(won.length, 1);
    assert.equal((await openRegistry(store).moves('toy')).length, 1);
  });

  it('lose no move and number them all, whoever moves at once (property)', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 12 }), async (versions) => {
        const registry = await registryWith(3);
        await Promise.all(versions.map((version) => registry.move(promotion(version))));
        const moves = await registry.moves('toy');
        assert.deepEqual(
          moves.map(({ number }) => number),
          versions.map((_, i) => i + 1),
        );
        assert.deepEqual(moves.map(({ version }) => version).sort(), [...versions].sort());
      }),
      { numRuns: 40 },
    );
  });
});
