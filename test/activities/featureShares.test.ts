import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { applyFeatures } from '../../activities/applyFeatures.js';
import { featurize } from '../../activities/featurize.js';
import { learnFeatures, rowsPerShare } from '../../activities/learnFeatures.js';
import type { ArtifactRef } from '../../contracts/artifact.js';
import { FeaturesConfig } from '../../contracts/featureSettings.js';
import type { Artifacts, Progress, StageOutput } from '../../contracts/stage.js';
import type { StageContext } from '../../contracts/store.js';
import type { ColumnBatch } from '../../contracts/table.js';
import { gather, rowsBetween } from '../../core/table.js';
import { memoryArtifacts, tableRows } from '../fakes/artifacts.js';
import { fakeStageContext } from '../fakes/stageContext.js';
import { openWorkplace, outcome, type Workplace } from './bothWays.js';
import { features, type FeaturesInput, first, jobOf, manyRows, row, SPECS, tableOf } from './drawnRows.js';

interface Shared {
  readonly context: StageContext;
  readonly inputs: { readonly dataset: readonly [ArtifactRef] };
  readonly job: ReturnType<typeof jobOf>;
}

/** A table in a store, and what is asked of it. */
async function shared(
  context: StageContext,
  table: ColumnBatch,
  config: FeaturesInput,
  more: object = {},
): Promise<Shared> {
  const { params, ...job } = jobOf(config, false);
  const dataset = [await context.artifacts.writeTable('dataset', SPECS, [table])] as const;
  return { context, inputs: { dataset }, job: { ...job, params: { ...params, ...more } } };
}

const inputsOf = ({ inputs }: Shared): Artifacts => ({ dataset: [...inputs.dataset] });

function learned({ context, job, ...rest }: Shared): Promise<StageOutput> {
  const { task: _, nearDuplicates: __, propensityFloor: ___, ...params } = job.params;
  return learnFeatures.run({ ...job, params, inputs: inputsOf({ context, job, ...rest }) }, context);
}

const applied = (
  { context, job, inputs: { dataset } }: Shared,
  featurizer: ArtifactRef[],
  [from, to]: readonly [number, number],
): Promise<StageOutput> =>
  applyFeatures.run({ ...job, params: { from, to }, inputs: { dataset: [...dataset], featurizer } }, context);

const ranges = (rows: number, size: number): (readonly [number, number])[] =>
  Array.from({ length: Math.ceil(rows / size) }, (_, i) => [i * size, Math.min(rows, (i + 1) * size)]);

/** Learns, applies share by share (the last one first), puts together. */
async function inShares(table: Shared): Promise<StageOutput> {
  const { outputs, figures } = await learned(table);
  const featurizer = outputs['featurizer']!;
  const all = ranges(table.inputs.dataset[0].rows, Number(figures['rowsPerShare']));
  assert.equal(figures['shares'], all.length);
  const made: ArtifactRef[] = [];
  for (const range of [...all].reverse())
    made.unshift(...(await applied(table, featurizer, range)).outputs['features']!);
  const inputs = { ...inputsOf(table), featurizer, features: made };
  return featurize.run({ ...table.job, inputs }, table.context);
}

const inOne = (table: Shared): Promise<StageOutput> =>
  featurize.run({ ...table.job, inputs: inputsOf(table) }, table.context);

describe('features that are made in shares of rows', () => {
  it('are those that are made at once: featurizer, features, samples, every figure, every error', async () => {
    const anyRows = fc.array(row, { maxLength: 30 }).map((rows) => tableOf([...first, ...rows]));
    const property = fc.asyncProperty(
      ...([anyRows, features, fc.integer({ min: 1, max: 9 }), fc.boolean()] as const),
      async (table, config, size, isKept) => {
        const context = {
          ...{ ...fakeStageContext(), artifacts: memoryArtifacts() },
          inMemoryBytes: isKept ? Infinity : -1,
        };
        const asked = await shared(context, table, { ...config, rowsPerShare: size });
        assert.deepEqual(await outcome(() => inShares(asked)), await outcome(() => inOne(asked)));
      },
    );
    await fc.assert(property, { numRuns: 150 });
  });

  const impossible: { name: string; config: FeaturesInput; more?: object }[] = [
    { name: 'selected', config: { select: { features: 3 } } },
    { name: 'reduced', config: { reduce: [{ method: 'svd', components: 2 }] } },
    { name: 'compared within queries', config: { numeric: { inQuery: true } } },
    { name: 'sequences', config: {}, more: { input: 'sequence' } },
  ];
  for (const { name, config, more } of impossible) {
    it(`are none where they are ${name}: all rows are needed at once`, async () => {
      const context = { ...fakeStageContext(), artifacts: memoryArtifacts() };
      const table = await shared(context, tableOf(first), { ...config, rowsPerShare: 1 }, more);
      assert.deepEqual(await learned(table), { outputs: {}, figures: { shares: 0 } });
    });
  }

  it('are refused where no row is for training, and where no feature is left', async () => {
    const context = { ...fakeStageContext(), artifacts: memoryArtifacts() };
    const untrained = tableOf(first.map((one) => ({ ...one, split: 'test' })));
    await assert.rejects(shared(context, untrained, {}).then(learned), /no training rows/);
    const columns = { target: 'label', text: ['title'], attributes: [], numeric: [], categorical: [] };
    const none = shared(context, tableOf(first), { words: { minDocumentFrequency: 9 } }, { columns });
    await assert.rejects(none.then(learned), /no feature is left of columns title/);
  });

  it('tell how far they are, and stop between two batches when they are told to', async () => {
    const told: Progress[] = [];
    const control = new AbortController();
    const context = {
      ...{ ...fakeStageContext(), artifacts: memoryArtifacts(), signal: control.signal },
      progress: (progress: Progress) => void told.push(progress),
    };
    const table = await shared(context, tableOf([...first, ...first]), {});
    const featurizer = (await learned(table)).outputs['featurizer']!;
    told.length = 0;
    await applied(table, featurizer, [1, 3]);
    assert.deepEqual(told.at(-1), { done: 1, total: 1, unit: 'steps' });
    control.abort(new Error('stopped'));
    await assert.rejects(applied(table, featurizer, [1, 3]), /stopped/);
  });
});

describe('the size of a share', () => {
  const cases = [
    { rows: 0, asked: 10, want: 10 },
    { rows: 10_000, asked: 10, want: 10 },
    { rows: 10_001, asked: 10, want: 20 },
    { rows: 1_000_000_000, asked: 1_048_576, want: 1_048_576 },
  ];
  for (const { rows, asked, want } of cases) {
    it(`is ${want} of ${rows} rows where ${asked} are asked for: there are at most 1,000 shares`, () => {
      const size = rowsPerShare(rows, FeaturesConfig.parse({ rowsPerShare: asked }));
      assert.equal(size, want);
      assert.ok(rows / size <= 1000);
    });
  }
});

describe('on a real store', () => {
  let workplace: Workplace;
  before(async () => (workplace = await openWorkplace()));
  after(() => workplace.close());

  const rows = manyRows(40_000);

  for (const words of [{}, { buckets: 4096 }]) {
    it(`the bytes are the same, however the table is read: ${JSON.stringify(words)}`, async () => {
      const { small, large } = workplace.contexts({});
      // 400,000 entries: more than a part of Parquet holds; a share ends within a batch that is read at once.
      const asked = await shared(small, tableOf(rows), { words, rowsPerShare: 17_000 });
      const whole = await outcome(() => inOne(asked));
      assert.equal(typeof whole, 'object', String(whole));
      for (const context of [small, large])
        assert.deepEqual(await outcome(() => inShares({ ...asked, context })), whole);
      assert.deepEqual(await outcome(() => inOne({ ...asked, context: large })), whole);
    });
  }

  it('a share is found in its parts of the joined table: nothing is written again', async () => {
    const { small } = workplace.contexts({});
    const asked = await shared(small, tableOf(rows), { rowsPerShare: 17_000 });
    const featurizer = (await learned(asked)).outputs['featurizer']!;
    const { artifacts } = small;
    const [whole] = (await inOne(asked)).outputs['features']!;
    const all = (await artifacts.manifest(whole!)).parts.map(({ sha256 }) => sha256);
    let at = 0;
    for (const range of ranges(rows.length, 17_000)) {
      const [ref] = (await applied(asked, featurizer, range)).outputs['features']!;
      const { parts } = await artifacts.manifest(ref!);
      assert.deepEqual(
        parts.map(({ sha256 }) => sha256),
        all.slice(at, at + parts.length),
      );
      at += parts.length;
      const [entry] = await tableRows(artifacts, ref!);
      assert.equal(entry?.['row'], range[0]);
    }
    assert.equal(at, all.length);
  });

  it('a range of rows is read, and parts without any of them are left alone', async () => {
    const { artifacts } = workplace.contexts({}).small;
    const sections = async function* () {
      for (const [from, to] of ranges(rows.length, 17_000))
        yield await Promise.resolve(rowsBetween([tableOf(rows)], from, to));
    };
    const ref = await artifacts.writeSections('dataset', SPECS, sections());
    const { parts } = await artifacts.manifest(ref);
    assert.equal(parts.length, 3);
    const ids = tableOf(rows).columns['id'] as string[];
    const read = async (from: number, to: number): Promise<void> => {
      const table = await gather(artifacts.readTable(ref, { columns: ['id'], rows: { from, to } }));
      assert.deepEqual(table.columns['id'], ids.slice(from, to));
    };
    await read(16_999, 34_001);
    await read(0, 40_000);
    await rm(join(workplace.folder, 'store', parts[0]!.key));
    await read(17_000, 34_001);
    await assert.rejects(read(16_999, 17_001), /missing|no such/i);
  });
});
