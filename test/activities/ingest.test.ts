import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import { describe, it } from 'node:test';
import type { ColumnBatch } from '../../contracts/table.js';
import { fakeStageContext } from '../fakes/stageContext.js';
import { csv, plain, runIngest, type DatasetInput } from './tableStages.js';

const keyed: DatasetInput = { ...plain, columns: { id: 'key', target: 'label', text: ['name'] } };
const newest: DatasetInput = {
  ...keyed,
  columns: { id: 'key', target: 'label', text: ['name'], time: 'at' },
  duplicateIds: 'newest',
};

const column = (rows: readonly Record<string, unknown>[], name: string) => rows.map((row) => row[name]);

describe('the table dataset', () => {
  it('has its own columns first, then features in the order of the settings, then all others by name', async () => {
    const { output, context, rows } = await runIngest(
      { 't.csv': csv('z,price,cat,name,label,query,when,key', 'zz,2.5,c,n,a,q1,1970-01-01T00:00:01Z,k1') },
      {
        ...plain,
        columns: {
          ...{ id: 'key', target: 'label', group: 'query', time: 'when' },
          ...{ text: ['name'], categorical: ['cat'], numeric: ['price'] },
        },
      },
    );
    const { columns } = await context.artifacts.manifest(output.outputs['dataset']![0]!);
    assert.deepEqual(
      columns.map(({ name, type }) => `${name} ${type}`),
      [
        'id utf8',
        'split utf8',
        'target utf8',
        'group utf8',
        'event_time float64',
        'name utf8',
        'cat utf8',
        'price float64',
        'z utf8',
      ],
    );
    const { split, ...cells } = rows[0]!;
    assert.ok(['train', 'validation', 'test'].includes(String(split)));
    assert.deepEqual(cells, {
      id: 'k1',
      target: 'a',
      group: 'q1',
      event_time: 1000,
      name: 'n',
      cat: 'c',
      price: 2.5,
      z: 'zz',
    });
  });

  it('has a group that is a category, too, as both; some rows of each group are held out where that is asked for', async () => {
    const taken = Array.from({ length: 60 }, (_, i) => `u${i % 3},i${i},${i % 2}`);
    const sidesBy = async (groups: 'together' | 'apart'): Promise<number[]> => {
      const { rows } = await runIngest(
        { 't.csv': csv('user,item,taken', ...taken) },
        {
          ...plain,
          columns: { target: 'taken', group: 'user', categorical: ['user', 'item'] },
          split: { by: 'hash', groups },
        },
      );
      for (const { group, user } of rows) assert.equal(group, user);
      return ['u0', 'u1', 'u2'].map(
        (name) => new Set(rows.filter(({ user }) => user === name).map(({ split }) => split)).size,
      );
    };
    assert.deepEqual(await sidesBy('together'), [1, 1, 1]);
    assert.ok((await sidesBy('apart')).every((sides) => sides > 1));
  });

  it('is sorted by id', async () => {
    const { rows } = await runIngest({ 't.csv': csv('key,name,label', 'b,x,a', 'a,y,b', 'c,z,a') }, keyed);
    assert.deepEqual(column(rows, 'id'), ['a', 'b', 'c']);
  });

  it('gives rows without id a hash of their content, and copies a number', async () => {
    const one = await runIngest({ 't.csv': csv('name,label', 'x,a', 'x,a', 'y,b') });
    const other = await runIngest({ 't.csv': csv('label,name', 'b,y', 'a,x') });
    const ids = column(one.rows, 'id') as string[];
    assert.equal(new Set(ids).size, 3);
    assert.ok(
      column(other.rows, 'id').every((id) => ids.includes(String(id))),
      'whatever the order of columns',
    );
    assert.equal(ids.filter((id) => id.endsWith('-2')).length, 1);
  });

  it('keeps an unused column that is called like one of its own under another name', async () => {
    const { rows } = await runIngest({ 't.csv': csv('id,name,label', '7,x,a') });
    assert.equal(rows[0]!['source.id'], '7');
  });

  it('does not change with the pieces that the bytes come in, nor between two runs', async () => {
    const text = csv(
      'name,label',
      ...Array.from({ length: 300 }, (_, i) => (i % 7 ? `thing ${i},${i % 3}` : `"b${i}`)),
    );
    const sha = async (size: number): Promise<string[]> => {
      const chunks = async function* (): AsyncGenerator<Uint8Array> {
        const bytes = Buffer.from(text);
        for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
      };
      const file = {
        uri: 't.csv',
        sizeBytes: text.length,
        open: chunks,
        localPath: () => Promise.reject(new Error('none')),
      };
      const context = fakeStageContext({}, { sources: { resolve: () => Promise.resolve([file]) } });
      const { output } = await runIngest({}, plain, context);
      return Object.values(output.outputs).map(([ref]) => ref!.sha256);
    };
    const whole = await sha(1 << 20);
    for (const size of [1, 7, 1000, 1 << 20]) assert.deepEqual(await sha(size), whole, `pieces of ${size}`);
  });
});

describe('ingest reads', () => {
  const cases: {
    name: string;
    content: string | Uint8Array;
    dataset?: Partial<DatasetInput>;
    want: string[];
  }[] = [
    { name: 'a byte order mark', content: `\ufeff${csv('name,label', 'x,a')}`, want: ['x'] },
    { name: 'CRLF', content: 'name,label\r\nx,a\r\ny,b\r\n', want: ['x', 'y'] },
    { name: 'a last line without end', content: 'name,label\nx,a', want: ['x'] },
    {
      name: 'quotes, commas and line ends in cells',
      content: csv('name,label', '"a ""b"", c\nd",a'),
      want: ['a "b", c\nd'],
    },
    {
      name: 'a quote inside an unquoted cell as it stands',
      content: csv('name,label', '5" pipe,a'),
      want: ['5" pipe'],
    },
    {
      name: 'U+2028 and U+0085 as text',
      content: csv('name,label', 'a\u2028b\u0085c,a'),
      want: ['a\u2028b\u0085c'],
    },
    { name: 'gzip, whatever the name', content: gzipSync(csv('name,label', 'x,a')), want: ['x'] },
    {
      name: 'zstd, whatever the name',
      content: Buffer.from('KLUv/QBIeQAAbmFtZSxsYWJlbAp4LGEK', 'base64'), // made by pyarrow of name,label / x,a
      want: ['x'],
    },
    {
      name: 'ISO-8859-1',
      content: Buffer.from('name,label\ncaf\xe9,a\n', 'latin1'),
      dataset: { encoding: 'latin1' },
      want: ['café'],
    },
    { name: 'TSV', content: 'name\tlabel\nx,y\ta\n', dataset: { format: 'tsv' }, want: ['x,y'] },
    {
      name: 'JSONL with keys in any order',
      content: '{"label":"a","name":"x"}\n{"name":"y","label":1}\n',
      dataset: { format: 'jsonl' },
      want: ['x', 'y'],
    },
    {
      name: 'nested JSON as text',
      content: '{"label":true,"name":{"a":[1]}}\n',
      dataset: { format: 'jsonl' },
      want: ['{"a":[1]}'],
    },
    { name: 'an empty cell as missing', content: csv('name,label', ',a'), want: ['null'] },
    {
      name: 'a row of missing cells but one',
      content: 'name\tlabel\textra\n\ta\t\n',
      dataset: { format: 'tsv' },
      want: ['null'],
    },
  ];
  for (const { name, content, dataset = {}, want } of cases) {
    it(name, async () => {
      const { rows, quarantine } = await runIngest({ 't.csv': content }, { ...plain, ...dataset });
      assert.deepEqual(column(rows, 'name').map(String).sort(), want);
      assert.deepEqual(quarantine, []);
    });
  }

  it('several files, with the file in each quarantined row', async () => {
    const files = { 'a.csv': csv('name,label', 'x,a', 'bad'), 'b.csv': csv('label,name', 'b,y', 'worse') };
    const { rows, quarantine } = await runIngest(files, { ...plain, source: ['a.csv', 'b.csv'] });
    assert.deepEqual(column(rows, 'name').sort(), ['x', 'y']);
    assert.deepEqual(
      quarantine.map(({ file, line }) => `${String(file)}:${String(line)}`),
      ['a.csv:3', 'b.csv:3'],
    );
  });

  it('what folders like dt=2026-11-23 say, as columns that come first', async () => {
    const files = {
      'in/dt=2026-11-23/shop=a%20b/t.csv': csv('name,label', 'x,a', 'bad'),
      'in/dt=2026-11-24/shop=__HIVE_DEFAULT_PARTITION__/t.csv': csv('label,name,dt', 'b,y,own'),
    };
    const dataset = {
      ...plain,
      source: Object.keys(files),
      columns: { target: 'label', text: ['name'], categorical: ['shop'] },
    };
    const { rows, quarantine } = await runIngest(files, dataset);
    const found = rows.map(({ name, shop, dt }) => [name, shop, dt]).sort();
    assert.deepEqual(found, [
      ['x', 'a b', '2026-11-23'],
      ['y', null, 'own'],
    ]);
    assert.deepEqual(column(quarantine, 'record'), ['bad']);
  });

  it('Parquet through the sources that can', async () => {
    const batch: ColumnBatch = { rows: 2, columns: { name: ['x', null], label: ['a', 'b'] } };
    const { sources } = fakeStageContext({ 't.parquet': 'PAR1' });
    const readParquet = async function* (): AsyncGenerator<ColumnBatch> {
      yield batch;
    };
    const context = fakeStageContext({}, { sources: { ...sources, readParquet } });
    const { rows } = await runIngest({}, { ...plain, source: 't.parquet' }, context);
    assert.deepEqual(column(rows, 'target').sort(), ['a', 'b']);
  });
});

describe('repeated ids', () => {
  it('leave altogether when they disagree on the target: nobody knows which is right', async () => {
    const { rows, quarantine } = await runIngest(
      { 't.csv': csv('key,name,label', '1,x,a', '2,y,b', '1,z,b') },
      keyed,
    );
    assert.deepEqual(column(rows, 'id'), ['2']);
    assert.deepEqual(column(quarantine, 'rule'), ['conflicting_id', 'conflicting_id']);
  });

  it('keep the newest row by event time where asked', async () => {
    const lines = ['key,name,label,at', '1,new,a,2024-02-01', '1,old,b,2024-01-01', '1,never,b,'];
    const { rows, quarantine } = await runIngest({ 't.csv': csv(...lines) }, newest);
    assert.deepEqual(column(rows, 'name'), ['new']);
    assert.deepEqual(column(quarantine, 'line'), [3, 4]);
  });
});

describe('sides', () => {
  it('come from the column that the data bring', async () => {
    const { rows } = await runIngest(
      { 't.csv': csv('name,label,part', 'x,a,tr', 'y,b,dev', 'z,a,te') },
      {
        ...plain,
        columns: { target: 'label', text: ['name'], split: 'part' },
        split: { by: 'column', train: 'tr', validation: 'dev', test: 'te' },
      },
    );
    const sides = Object.fromEntries(rows.map(({ name, split }) => [name, split]));
    assert.deepEqual(sides, { x: 'train', y: 'validation', z: 'test' });
  });

  for (const by of ['hash', 'stratified'] as const) {
    it(`never part a group (${by})`, async () => {
      const lines = Array.from({ length: 200 }, (_, i) => `n${i},${i % 2},g${i % 40}`);
      const { rows } = await runIngest(
        { 't.csv': csv('name,label,query', ...lines) },
        { ...plain, columns: { target: 'label', text: ['name'], group: 'query' }, split: { by } },
      );
      const sides = new Map<unknown, Set<unknown>>();
      for (const { group, split } of rows) sides.set(group, (sides.get(group) ?? new Set()).add(split));
      assert.equal(sides.size, 40);
      assert.ok([...sides.values()].every((set) => set.size === 1));
    });
  }

  it('of a row stay when rows are added (hash)', async () => {
    const lines = Array.from({ length: 100 }, (_, i) => `k${i},n${i},${i % 2}`);
    const few = await runIngest({ 't.csv': csv('key,name,label', ...lines.slice(0, 60)) }, keyed);
    const many = await runIngest({ 't.csv': csv('key,name,label', ...lines) }, keyed);
    const sides = new Map(many.rows.map(({ id, split }) => [id, split]));
    for (const { id, split } of few.rows) assert.equal(sides.get(id), split);
  });
});
