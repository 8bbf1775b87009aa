import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileShares } from '../../activities/fileShares.js';
import { ingest } from '../../activities/ingest.js';
import { DatasetConfig } from '../../contracts/settings.js';
import type { Figures, StageOutput } from '../../contracts/stage.js';
import type { StageContext } from '../../contracts/store.js';
import { createStageContexts } from '../../storage/context.js';
import { openStore } from '../../storage/open.js';
import { openWorkplace, type Workplace } from './bothWays.js';
import { csv, type DatasetInput } from './tableStages.js';

const HEADER = 'id,name,price,label,product';
const FILES = {
  'a.csv': csv(HEADER, '1,oak,1,x,p1', '2,rug,bad,y,p2', 'ragged', '3,"a\nb",,x,p9'),
  'b.csv': csv(`${HEADER},more`, '4,elm,4,y,p1,m', '1,oak,9,x,p2,'),
  'c.csv': csv(HEADER, '5,ash,5,y,p2', '6,fir,,,p1'),
  'd.csv': csv('more,label,id,name,price,product', 'n,x,7,yew,3,p2'),
};

describe('a share of the files of a dataset', () => {
  let workplace: Workplace;
  before(async () => (workplace = await openWorkplace()));
  after(() => workplace.close());

  /** A store of its own with the files in it, and a table of products beside. */
  async function shop(name: string, files: Readonly<Record<string, string>> = FILES) {
    const folder = join(workplace.folder, name);
    await mkdir(join(folder, 'in'), { recursive: true });
    const put = (file: string, text: string) => writeFile(join(folder, 'in', file), text);
    for (const [file, text] of Object.entries(files)) await put(file, text);
    await writeFile(join(folder, 'products.csv'), csv('product,title', 'p1,first', 'p2,second'));
    const store = await openStore(join(folder, 'store'));
    const contexts = createStageContexts(store, { scratchDirectory: join(workplace.folder, 'scratch') });
    const hooks = { signal: new AbortController().signal, progress: () => undefined };
    const owner = { stage: 'ingest', codeVersion: '1' };
    const context: StageContext = { ...contexts('0'.repeat(64), { ...hooks, owner }), inMemoryBytes: -1 };
    const dataset = DatasetConfig.parse({
      source: join(folder, 'in/*.csv'),
      columns: { id: 'id', target: 'label', text: ['name', 'title'], numeric: ['price'] },
      joins: [{ name: 'products', source: join(folder, 'products.csv'), on: 'product' }],
      maxUnreadable: 1,
    } satisfies DatasetInput);
    const run = (share?: { readonly index: number; readonly of: number }): Promise<StageOutput> => {
      const params = { dataset, ...(share ? { share } : {}) };
      return ingest.run({ path: 'ingest', seed: 42, params, inputs: {} }, context);
    };
    const shares = async (inMemoryBytes: number, more: Partial<StageContext> = {}): Promise<Figures> => {
      const job = { path: 'files', seed: 42, params: { dataset }, inputs: {} };
      return (await fileShares.run(job, { ...context, inMemoryBytes, ...more })).figures;
    };
    return { context, put, run, shares };
  }

  it('is read once, by whoever comes first; ingest takes all of them to the bytes of an ingest by itself', async () => {
    const { run } = await shop('together');
    const [first, second] = await Promise.all([run({ index: 0, of: 2 }), run({ index: 1, of: 2 })]);
    assert.deepEqual(first, { outputs: {}, figures: { files: 2, reused: 0, rows: 5 } });
    assert.deepEqual(second, { outputs: {}, figures: { files: 2, reused: 0, rows: 3 } });
    assert.deepEqual((await run({ index: 1, of: 2 })).figures, { files: 2, reused: 2, rows: 0 });

    const whole = await run();
    assert.equal(whole.figures['parts.reused'], 4);
    const { run: alone } = await shop('alone');
    const own = await alone();
    assert.equal(own.figures['parts.reused'], 0);
    assert.equal(whole.outputs['dataset']![0]!.sha256, own.outputs['dataset']![0]!.sha256);
    for (const [name, figure] of Object.entries(own.figures))
      if (!name.startsWith('parts')) assert.equal(whole.figures[name], figure, name);
    assert.equal(own.figures['quarantined'], 4, 'a number, a ragged record, an id again, no label');
  });

  it('fails by itself where a file can not be read, and keeps what it had read', async () => {
    const { run, put } = await shop('broken', { ...FILES, 'd.csv': csv('id,name,product', '7,yew,p2') });
    await assert.rejects(run({ index: 1, of: 2 }), /d\.csv.*label|label.*d\.csv/);
    assert.equal((await run({ index: 0, of: 2 })).figures['rows'], 5);
    await put('d.csv', FILES['d.csv']);
    assert.deepEqual((await run({ index: 1, of: 2 })).figures, { files: 2, reused: 1, rows: 1 });
    assert.equal((await run()).figures['parts.reused'], 4);
  });

  it('is as large as four times what fits in memory, and never less than a file', async () => {
    const { context, shares } = await shop('cut');
    const bytes = Object.values(FILES).reduce((sum, text) => sum + text.length, 0);
    assert.deepEqual(await shares(-1), { files: 4, bytes, shares: 4 });
    assert.equal((await shares(Math.ceil(bytes / 8)))['shares'], 2);
    assert.equal((await shares(bytes / 4))['shares'], 0, 'one share is no share');
    assert.equal((await shares(Infinity))['shares'], 0, 'all fits in memory');
    const elsewhere = await shares(-1, { elsewhere: context.withTables });
    assert.equal(elsewhere['shares'], 0, 'another engine reads them');
  });
});
