import assert from 'node:assert/strict';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { ingest } from '../../activities/ingest.js';
import { DatasetConfig } from '../../contracts/settings.js';
import type { StageOutput } from '../../contracts/stage.js';
import type { ObjectStore, StageContext } from '../../contracts/store.js';
import { createStageContexts } from '../../storage/context.js';
import { planForget } from '../../storage/forget.js';
import { findSample } from '../../storage/holders.js';
import { takeInventory } from '../../storage/inventory.js';
import { openStore } from '../../storage/open.js';
import { openWorkplace, type Workplace } from './bothWays.js';
import { csv, type DatasetInput } from './tableStages.js';

describe('a dataset of several files, by the database', () => {
  let workplace: Workplace;
  let context: StageContext;
  let store: ObjectStore;
  const read: string[] = [];
  before(async () => {
    workplace = await openWorkplace();
    store = await openStore(join(workplace.folder, 'parts'));
    const contexts = createStageContexts(store, { scratchDirectory: join(workplace.folder, 'scratch') });
    const hooks = { signal: new AbortController().signal, progress: () => undefined };
    const real = contexts('0'.repeat(64), { ...hooks, owner: { stage: 'ingest', codeVersion: '1' } });
    const pieces: StageContext['pieces'] = {
      find: (key) => real.pieces.find(key),
      keep: (key, output) => {
        if (typeof key === 'object' && key !== null && 'uri' in key) read.push(String(key['uri']).slice(-8));
        return real.pieces.keep(key, output);
      },
    };
    context = { ...real, pieces, inMemoryBytes: -1 };
  });
  after(() => workplace.close());

  async function put(name: string, text: string): Promise<void> {
    const path = join(workplace.folder, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  }

  /** Ingests; tells which files were read. The rows are those of an ingest that has nothing kept. */
  async function run(dataset: DatasetInput): Promise<{ output: StageOutput; files: string[] }> {
    read.length = 0;
    const job = { path: 'ingest', seed: 42, params: { dataset: DatasetConfig.parse(dataset) }, inputs: {} };
    const output = await ingest.run(job, context);
    const files = [...read].sort();
    const anew = await ingest.run(job, workplace.contexts({}).small);
    for (const name of ['dataset', 'quarantine'])
      assert.equal(output.outputs[name]![0]!.sha256, anew.outputs[name]![0]!.sha256, name);
    for (const [name, figure] of Object.entries(anew.figures))
      if (!name.startsWith('parts')) assert.equal(output.figures[name], figure, name);
    return { output, files };
  }

  it('re-does only what is new or changed, tells what is gone, and comes to the same bytes', async () => {
    const header = 'id,name,price,label,at,product';
    await put(
      'in/dt=1/a.csv',
      csv(header, '1,oak,1,x,2024-01-01,p1', '2,rug,bad,y,2024-01-02,p2', 'ragged', '3,"a\nb",,x,,p9'),
    );
    await put(
      'in/dt=2/b.csv',
      csv(`${header},more`, '4,elm,4,y,2024-01-03,p1,m', '1,oak,9,x,2024-01-05,p2,'),
    );
    await put('products.csv', csv('product,title', 'p1,first', 'p2,second'));
    const dataset: DatasetInput = {
      source: join(workplace.folder, 'in/*/*.csv'),
      columns: { id: 'id', target: 'label', text: ['name', 'title'], numeric: ['price'], time: 'at' },
      joins: [{ name: 'products', source: join(workplace.folder, 'products.csv'), on: 'product' }],
      duplicateIds: 'newest',
      maxUnreadable: 1,
    };

    const first = await run(dataset);
    assert.deepEqual(first.files, ['=1/a.csv', '=2/b.csv']);
    assert.equal(first.output.figures['parts.reused'], 0);
    assert.equal(first.output.figures['watermark'], '2024-01-05T00:00:00.000Z');

    const again = await run(dataset);
    assert.deepEqual(again.files, []);
    assert.equal(again.output.figures['parts.reused'], 2);

    await put('in/dt=3/c.csv', csv(header, '5,ash,5,y,2024-01-07,p2'));
    const more = await run(dataset);
    assert.deepEqual(more.files, ['=3/c.csv']);
    assert.deepEqual(
      ['parts', 'parts.reused', 'parts.new', 'watermark'].map((name) => more.output.figures[name]),
      [3, 2, '1 (dt=3/c.csv)', '2024-01-07T00:00:00.000Z'],
    );

    await put('in/dt=3/c.csv', csv(header, '5,ash,6,y,2024-01-07,p2', '6,fir,,x,2024-01-08,p1'));
    await rm(join(workplace.folder, 'in/dt=2/b.csv'));
    const changed = await run(dataset);
    assert.deepEqual(changed.files, ['=3/c.csv']);
    assert.deepEqual(
      ['parts.reused', 'parts.changed', 'parts.removed'].map((name) => changed.output.figures[name]),
      [1, '1 (dt=3/c.csv)', '1 (dt=2/b.csv)'],
    );
    assert.equal(changed.output.figures['parts.new'], undefined);

    await put('products.csv', csv('product,title', 'p1,another', 'p2,second'));
    assert.deepEqual((await run(dataset)).files, ['=1/a.csv', '=3/c.csv']);

    const other = { ...dataset, columns: { ...dataset.columns, numeric: [], categorical: ['price'] } };
    assert.deepEqual((await run(other)).files, ['=1/a.csv', '=3/c.csv']);
  });

  it('takes without ids, and sides that the data bring, from what was kept', async () => {
    await put('sides/a.csv', csv('name,label,side', 'oak,x,train', 'oak,x,train', 'rug,y,dev'));
    await put('sides/b.csv', csv('name,label,side', 'oak,x,test', 'elm,,train'));
    const dataset: DatasetInput = {
      source: join(workplace.folder, 'sides/*.csv'),
      columns: { target: 'label', text: ['name'], split: 'side' },
      split: { by: 'column' },
      maxUnreadable: 1,
    };
    await run(dataset);
    const again = await run(dataset);
    assert.deepEqual(again.files, []);
    assert.equal(again.output.figures['parts.reused'], 2);
  });

  it('forgets what it kept of a file with the sample that the file holds', async () => {
    await put('gone/a.csv', csv('id,name,label', 'secret-7,oak,x', 'k,rug,y'));
    await put('gone/b.csv', csv('id,name,label', 'm,oak,x'));
    await run({
      source: join(workplace.folder, 'gone/*.csv'),
      columns: { id: 'id', target: 'label', text: ['name'] },
    });
    const inventory = await takeInventory(store);
    const search = await findSample(context.artifacts, inventory, 'secret-7');
    const { stages } = planForget(inventory, 'secret-7', search);
    assert.deepEqual(
      stages
        .map((key) => inventory.stages.get(key)!.entry)
        .map(({ stage, params }) => [stage, String((params as Record<string, unknown>)['uri']).slice(-10)]),
      [['ingestPiece', 'gone/a.csv']],
    );
  });
});
