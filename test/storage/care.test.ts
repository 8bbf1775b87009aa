import assert from 'node:assert/strict';
import { stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ArtifactRef } from '../../contracts/artifact.js';
import type { Artifacts } from '../../contracts/stage.js';
import type { ArtifactStore, ObjectStore } from '../../contracts/store.js';
import { planPrune } from '../../core/lineage/retention.js';
import { openArtifacts } from '../../storage/artifacts.js';
import { openFileStore } from '../../storage/file.js';
import { forget, planForget } from '../../storage/forget.js';
import { sha256 } from '../../storage/hash.js';
import { findSample } from '../../storage/holders.js';
import { contentsOf, takeInventory } from '../../storage/inventory.js';
import { prune } from '../../storage/prune.js';
import { openS3Store } from '../../storage/s3.js';
import { openFinishedStages } from '../../storage/stageCache.js';
import { missingParents, verifyArtifacts } from '../../storage/verifyStore.js';
import { tableRows } from '../fakes/artifacts.js';
import { availableBench, startBench } from './s3Bench.js';
import { collect, temporaryFolder } from './workspace.js';

const DAY = 24 * 3600_000;
const bench = await startBench();

interface World {
  readonly store: ObjectStore;
  readonly artifacts: ArtifactStore;
  readonly scratchDirectory: string;
  /** Records a finished stage. @returns its key */
  finish(stage: string, inputs: Artifacts, outputs: Artifacts, params?: unknown): Promise<string>;
  readonly dataset: ArtifactRef;
  readonly model: ArtifactRef;
}

/** A store with one finished run: a dataset, a model of it, a report. */
async function worldOf(t: TestContext, store: ObjectStore): Promise<World> {
  const scratchDirectory = await temporaryFolder(t);
  const artifacts = openArtifacts(store, { scratchDirectory });
  const finished = openFinishedStages(store, artifacts);
  const finish: World['finish'] = async (stage, inputs, outputs, params = {}) => {
    const stageKey = sha256(JSON.stringify([stage, inputs, params]));
    await finished.record({
      ...{ formatVersion: 1, stageKey, stage, codeVersion: 'x', seed: 1, inputs, outputs, figures: {} },
      params: params as null,
    });
    return stageKey;
  };
  const dataset = await writeDataset(artifacts, ['a', 'b', 'c']);
  const model = await artifacts.writeBlob('model', Buffer.from('weights'), 'application/octet-stream');
  const page = await artifacts.writeBlob('report', Buffer.from('<p>a</p>'), 'text/html');
  const ingested = await finish('ingest', {}, { dataset: [dataset] });
  const fitted = await finish('fit', { dataset: [dataset] }, { models: [model] });
  const lineage = [ingested, fitted].map((stageKey) => ({ stageKey }));
  await finish('report', { model: [model] }, { report: [page] }, { runId: 'train/toy/1', lineage });
  return { store, artifacts, scratchDirectory, finish, dataset, model };
}

const writeDataset = (artifacts: ArtifactStore, ids: readonly string[]): Promise<ArtifactRef> =>
  artifacts.writeTable(
    'dataset',
    [
      { name: 'id', type: 'utf8' },
      { name: 'split', type: 'utf8' },
      { name: 'price', type: 'float64' },
    ],
    [
      {
        rows: ids.length,
        columns: { id: ids, split: ids.map(() => 'train'), price: Float64Array.from(ids, (_, i) => i) },
      },
    ],
  );

/** As `assay artifacts prune --keep-runs N --yes` would do it in 60 days. */
async function pruneLater(
  { store }: World,
  keepRuns: number,
  meanwhile: () => Promise<unknown> = () => Promise.resolve(),
) {
  const inventory = await takeInventory(store);
  const contents = contentsOf(inventory, []);
  const later = { nowMs: Date.now() + 60 * DAY, olderThanMs: 30 * DAY, graceMs: DAY, keepRuns };
  const plan = planPrune(contents, later);
  await meanwhile();
  return prune(store, inventory, contents, plan);
}

async function damagesOf({ store, scratchDirectory }: World) {
  const inventory = await takeInventory(store);
  const all = [...inventory.artifacts.values()];
  const damages = await verifyArtifacts(store, inventory, all, { scratchDirectory });
  return [...damages, ...missingParents(inventory)];
}

const keysOf = async ({ store }: World): Promise<string[]> =>
  (await collect(store.list(''))).map(({ key }) => key);

const stores: { name: string; open: (t: TestContext) => Promise<ObjectStore | undefined> }[] = [
  { name: 'a folder', open: async (t) => openFileStore(await temporaryFolder(t)) },
  {
    name: 'S3',
    open: async (t) => {
      const real = availableBench(t, bench);
      return real && openS3Store(real.options(), {});
    },
  },
];

for (const { name, open } of stores) {
  const cares = (what: string, check: (world: World, t: TestContext) => Promise<void>): void => {
    it(what, async (t) => {
      const store = await open(t);
      if (store !== undefined) await check(await worldOf(t, store), t);
    });
  };

  describe(`care of a store in ${name}`, () => {
    cares('removes all of a dropped run, and nothing of a kept one', async (world) => {
      await world.artifacts.writeBlob('document', Buffer.from('nobody wants me'), 'text/plain');
      const kept = await pruneLater(world, 1);
      assert.equal(kept.objects, 2); // the document, and its bytes
      assert.deepEqual(await damagesOf(world), []);
      assert.equal(await world.artifacts.verify(world.model), true);
      await pruneLater(world, 0);
      assert.deepEqual(await keysOf(world), []);
    });

    cares('keeps what a document outside of the cache names', async (world) => {
      await world.store.put('models/toy/v/1.json', Buffer.from(JSON.stringify({ model: world.model })));
      await pruneLater(world, 0);
      assert.equal(await world.artifacts.verify(world.model, { deep: true }), true);
      assert.equal(await world.artifacts.verify(world.dataset), false);
    });

    cares('leaves alone what a run uses again while it prunes', async (world) => {
      // S3 tells times in whole seconds.
      await sleep(name === 'S3' ? 1100 : 5);
      const done = await pruneLater(world, 0, () =>
        world.finish('fit', { dataset: [world.dataset] }, { models: [world.model] }),
      );
      assert.ok(done.leftAlone.length >= 5); // the entry, two manifests, two blobs
      assert.deepEqual(await damagesOf(world), []);
      assert.equal(await world.artifacts.verify(world.dataset, { deep: true }), true);
    });

    cares('finds bytes that changed, bytes that are gone, and parents that are gone', async (world) => {
      const part = (await world.artifacts.manifest(world.model)).parts[0]!;
      await world.store.put(part.key, Buffer.from('Weights'));
      const [found, ...more] = await damagesOf(world);
      assert.deepEqual([found?.key, more], [part.key, []]);
      assert.match(found!.what, /is altered: expected SHA-256/);
      await world.store.delete(part.key);
      assert.match((await damagesOf(world))[0]!.what, /is missing/);
      await world.store.delete(world.dataset.key);
      const missing = (await damagesOf(world)).find(({ key }) => key === world.dataset.key);
      assert.match(missing!.what, /is missing: fit read it|is missing: ingest wrote it/);
    });

    cares('forgets a sample, also where it was killed in the middle', async (world) => {
      let left = 3;
      // Dies at the fourth deletion.
      const mortal: ObjectStore = Object.create(world.store, {
        delete: {
          value: (key: string) =>
            left-- > 0 ? world.store.delete(key) : Promise.reject(new Error('killed')),
        },
      }) as ObjectStore;
      const attempt = async (store: ObjectStore) => {
        const inventory = await takeInventory(store);
        const plan = planForget(inventory, 'b', await findSample(world.artifacts, inventory, 'b'));
        return forget(store, world.artifacts, inventory, plan, { by: 'me', now: () => new Date() });
      };
      await assert.rejects(attempt(mortal), /killed/);
      await attempt(world.store);
      const inventory = await takeInventory(world.store);
      const kinds = [...inventory.artifacts.values()].map(({ ref }) => `${ref.kind} ${String(ref.rows)}`);
      assert.deepEqual(kinds.sort(), ['dataset 2', 'model 0']);
      assert.deepEqual(inventory.stages.size, 0);
      assert.deepEqual(await damagesOf(world), []);
      const record = inventory.forgotten.find(({ endedAt }) => endedAt !== null)!;
      assert.deepEqual(
        record.retrain.map(({ key }) => key),
        [world.model.key],
      );
      const table = [...inventory.artifacts.values()].find(({ ref }) => ref.kind === 'dataset')!;
      assert.deepEqual(await tableRows(world.artifacts, table.ref), [
        { id: 'a', split: 'train', price: 0 },
        { id: 'c', split: 'train', price: 2 },
      ]);
      const documents = await Promise.all((await keysOf(world)).map((key) => world.store.get(key)));
      assert.ok(!documents.some((body) => Buffer.from(body).includes('<p>a</p>')));
    });

    cares('finds a sample in records that could not be read, by cell', async ({ artifacts, store }) => {
      const records = ['{"sku":"b","name":"x"}', '{"name":"b and c"}', '"b",1,"two', 'ab,bb', 'null'];
      const columns = ['id', 'record'].map((column) => ({ name: column, type: 'utf8' as const }));
      const batch = { rows: records.length, columns: { id: records.map(() => null), record: records } };
      const { key } = await artifacts.writeTable('quarantine', columns, [batch]);
      const { holders } = await findSample(artifacts, await takeInventory(store), 'b');
      assert.equal(holders.find(({ artifact }) => artifact.ref.key === key)?.rows, 2);
    });

    cares('looks into a dataset of its own only, where one is named', async (world) => {
      const other = await writeDataset(world.artifacts, ['b', 'z']);
      const inventory = await takeInventory(world.store);
      const search = await findSample(world.artifacts, inventory, 'b');
      const plan = planForget(inventory, 'b', search, { dataset: other.key });
      assert.deepEqual(
        plan.remove.map(({ ref }) => ref.key),
        [other.key],
      );
      assert.equal(planForget(inventory, 'b', search).rewrite.length, 2);
      assert.equal(search.examined.size, 2);
    });
  });
}

describe('an artifact that is written again after long', () => {
  it('gets a new time, so that pruning takes it for in use', async (t) => {
    const root = await temporaryFolder(t);
    const store = await openFileStore(root);
    const artifacts = openArtifacts(store, { scratchDirectory: await temporaryFolder(t) });
    const ref = await writeDataset(artifacts, ['a']);
    const keys = [ref.key, (await artifacts.manifest(ref)).parts[0]!.key];
    const past = new Date(Date.now() - 2 * DAY);
    for (const key of keys) await utimes(join(root, key), past, past);
    await writeDataset(artifacts, ['a']);
    for (const key of keys) assert.ok(Date.now() - (await stat(join(root, key))).mtimeMs < DAY, key);
  });
});
