import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { ingest } from '../../activities/ingest.js';
import { DatasetConfig } from '../../contracts/settings.js';
import { tableRows } from '../fakes/artifacts.js';
import { ingestBothWays, openWorkplace, type Workplace } from './bothWays.js';
import { csv, runIngest, type DatasetInput } from './tableStages.js';

type Files = Readonly<Record<string, string>>;
type Join = NonNullable<DatasetInput['joins']>[number];

const rows = csv('id,query,product,label', '1,q1,p1,a', '2,q1,p2,b', '3,q2,p9,a', '4,q2,,b');
const products = csv('sku,title,price', 'p1,oak table,10', ' p2 ,rug,', 'p3,lamp,7');
const toProducts: Join = { name: 'products', source: 'products.csv', on: { product: 'sku' } };

const joined = (joins: readonly Join[], more: Partial<DatasetInput> = {}): DatasetInput => ({
  source: 'rows.csv',
  columns: { id: 'id', target: 'label', text: ['title'], numeric: ['price'] },
  joins: [...joins],
  maxUnreadable: 1,
  ...more,
});

/** What of the rows' columns is not the split, which the joins don't decide. */
const seen = (all: readonly Record<string, unknown>[]): Record<string, unknown>[] =>
  all.map(({ split: _, ...row }) => row);

describe('joined tables', () => {
  it('give each row the columns of the row that its key names', async () => {
    const found = await runIngest({ 'rows.csv': rows, 'products.csv': products }, joined([toProducts]));
    const row = (id: string, target: string, query: string, product: string | null) => ({
      ...{ id, target, query, product },
    });
    assert.deepEqual(seen(found.rows), [
      { ...row('1', 'a', 'q1', 'p1'), title: 'oak table', price: 10 },
      { ...row('2', 'b', 'q1', 'p2'), title: 'rug', price: NaN },
      { ...row('3', 'a', 'q2', 'p9'), title: null, price: NaN },
      { ...row('4', 'b', 'q2', null), title: null, price: NaN },
    ]);
    const { figures } = found.output;
    assert.equal(figures['products.rows'], 3);
    assert.equal(figures['products.matched'], 2);
    assert.equal(figures['products.unmatched'], 2);
  });

  it('put rows without a match into quarantine, with the key that was looked for', async () => {
    const found = await runIngest(
      { 'rows.csv': rows, 'products.csv': products },
      joined([{ ...toProducts, unmatched: 'quarantine' }], { maxUnreadable: 0 }),
    );
    assert.deepEqual(
      found.rows.map(({ id }) => id),
      ['1', '2'],
    );
    assert.deepEqual(
      found.quarantine.map(({ file, line, rule, reason }) => ({ file, line, rule, reason })),
      [
        { line: 4, reason: 'products: no row has sku = "p9"' },
        { line: 5, reason: 'products: no row has sku = nothing' },
      ].map((row) => ({ file: 'rows.csv', rule: 'no_match.products', ...row })),
    );
  });

  it('bring the target, by a key of two columns; the next join finds its key in what the last one brought', async () => {
    const files = {
      'pairs.csv': csv('query,product', 'q1,p1', 'q1,p2', 'q2,p1'),
      'labels.jsonl':
        '{"query":"q1","product":"p1","label":"good","shop":7}\n{"query":"q1","product":"p2","label":"bad"}\n',
      'shops.tsv': 'shop\tcity\n7\tGhent\n',
    };
    const found = await runIngest(files, {
      source: 'pairs.csv',
      columns: { target: 'label', categorical: ['city'] },
      joins: [
        { name: 'labels', source: 'labels.jsonl', on: ['query', 'product'] },
        { name: 'shops', source: 'shops.tsv', on: 'shop' },
      ],
    });
    const of = (all: readonly Record<string, unknown>[]) =>
      all.map(({ target, city }) => [target, city]).sort();
    assert.deepEqual(of(found.rows), [
      ['bad', null],
      ['good', 'Ghent'],
    ]);
    assert.deepEqual(
      found.quarantine.map(({ rule, line }) => [rule, line]),
      [['missing_target', 4]],
    );
  });

  it('give only the columns that are asked for, under a prefix', async () => {
    const found = await runIngest(
      { 'rows.csv': rows, 'products.csv': products },
      joined([{ ...toProducts, columns: ['title'], prefix: 'product_' }], {
        columns: { id: 'id', target: 'label', text: ['product_title'] },
      }),
    );
    assert.deepEqual(Object.keys(found.rows[0]!).sort(), [
      ...['id', 'product', 'product_title', 'query', 'split', 'target'],
    ]);
  });

  it('put aside rows whose key the table has twice, where that is asked for', async () => {
    const twice = csv('sku,title', 'p2,rug', 'p1,oak', ',nothing', 'p1,elm');
    const found = await runIngest(
      { 'rows.csv': rows, 'products.csv': twice },
      joined([{ ...toProducts, duplicates: 'quarantine' }], {
        columns: { id: 'id', target: 'label', text: ['title'] },
      }),
    );
    assert.deepEqual(
      found.quarantine.map(({ line, rule, reason }) => [line, rule, reason]),
      [
        [
          2,
          'ambiguous_match.products',
          'products: 2 rows have sku = "p1", the first is at products.csv, line 3',
        ],
      ],
    );
    assert.equal(found.output.figures['products.withoutKey'], 1);
    assert.equal(found.output.figures['products.ambiguous'], 1);
  });

  it("keep what they hold that can't be read: it is in quarantine, with its own file", async () => {
    const broken = csv('sku,title,price', 'p1,oak,10', 'p2,rug');
    const found = await runIngest({ 'rows.csv': rows, 'products.csv': broken }, joined([toProducts]));
    assert.deepEqual(
      found.quarantine.map(({ file, line, record }) => [file, line, record]),
      [['products.csv', 3, 'p2,rug']],
    );
    assert.equal(found.output.figures['read'], 5);
  });

  const refused: { name: string; files?: Files; dataset: DatasetInput; says: RegExp }[] = [
    {
      name: 'a key that the table has twice',
      files: { 'products.csv': csv('sku,title,price', 'p1,oak,1', 'p3,elm,2', 'p1,ash,3') },
      dataset: joined([toProducts]),
      says: /products: 1 keys are there more than once: sku = "p1" \(products\.csv, line 2\)\. .*duplicates: quarantine/,
    },
    {
      name: 'rows without a match, where each must have one',
      dataset: joined([{ ...toProducts, unmatched: 'error' }]),
      says: /products: 2 of 4 rows have no match: rows\.csv, line 4: products: no row has sku = "p9"; rows\.csv, line 5/,
    },
    {
      name: 'a key that rows do not have',
      dataset: joined([{ ...toProducts, on: { produkt: 'sku' } }]),
      says: /rows\.csv: there is no column "produkt" \(dataset\.joins, products\).*did you mean "product"\?/,
    },
    {
      name: 'a key that the table does not have',
      dataset: joined([{ ...toProducts, on: { product: 'skv' } }]),
      says: /products\.csv: there is no column "skv" .*there are sku, title, price; did you mean "sku"\?/,
    },
    {
      name: 'a column that the table does not have',
      dataset: joined([{ ...toProducts, columns: ['titel'] }]),
      says: /products\.csv: there is no column "titel" .*did you mean "title"\?/,
    },
    {
      name: 'a column that rows have already',
      files: { 'products.csv': csv('sku,title,price,query', 'p1,oak,1,x') },
      dataset: joined([toProducts]),
      says: /rows\.csv: rows have a column "query" already.*prefix: "products_".*columns: \[/,
    },
    {
      name: 'a table that is not there',
      dataset: joined([{ ...toProducts, source: 'none.csv' }]),
      says: /none\.csv: no such file/,
    },
    {
      name: 'an empty table',
      files: { 'products.csv': '' },
      dataset: joined([toProducts]),
      says: /products\.csv: the file is empty/,
    },
    {
      name: 'a table of which too much can not be read',
      files: { 'products.csv': csv('sku,title,price', 'p1', 'p2', 'p3,a,1') },
      dataset: joined([toProducts], { maxUnreadable: 0.1 }),
      says: /2 of 6 rows can't be read .*First: products\.csv, line 2:/,
    },
  ];
  for (const { name, files = {}, dataset, says } of refused) {
    it(`refuse ${name}`, async () => {
      const all = { 'rows.csv': rows, 'products.csv': products, ...files };
      await assert.rejects(runIngest(all, dataset), { name: 'DataError', message: says });
    });
  }
});

describe('joined tables by the database', () => {
  let workplace: Workplace;
  before(async () => (workplace = await openWorkplace()));
  after(() => workplace.close());

  const same = (files: Files, dataset: DatasetInput): Promise<unknown> =>
    ingestBothWays(workplace, files, dataset);

  const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
  const key = fc.constantFrom('k1', 'k2', ' k2', 'k3', '', '"q"', 'ü', '\u00a0');
  const cell = fc.constantFrom('x', '', 'a,b', 'two\nlines', '7', ' ');
  const lines = (header: string, width: number, atLeast: number) =>
    fc
      .array(fc.tuple(key, ...Array.from({ length: width - 1 }, () => fc.oneof(cell, key))), {
        minLength: atLeast,
        maxLength: 12,
      })
      .map((all) => csv(header, ...all.map((cells) => cells.map(quoted).join(','))));

  it('give the same bytes, figures and errors as in memory, whatever keys and cells', async () => {
    let kept = 0;
    await fc.assert(
      fc.asyncProperty(
        lines('product,query,label', 3, 1),
        lines('sku,title,shop', 3, 0),
        lines('shop,query,city', 3, 0),
        fc.constantFrom('keep', 'keep', 'quarantine', 'error'),
        fc.constantFrom('error', 'quarantine', 'quarantine'),
        async (main, right, last, unmatched, duplicates) => {
          const files = { 'rows.csv': main, 'products.csv': right, 'dt=1/shops.csv': last };
          const found = await same(files, {
            source: 'rows.csv',
            columns: { target: 'label', text: ['title', 'city'], categorical: ['dt'] },
            joins: [
              { ...toProducts, duplicates },
              {
                ...{ name: 'shops', source: 'dt=1/shops.csv', on: ['shop', 'query'] },
                ...{ unmatched, duplicates: 'quarantine' },
              },
            ],
            maxUnreadable: 1,
          });
          if (typeof found !== 'string') kept++;
        },
      ),
      { numRuns: 60 },
    );
    assert.ok(kept > 4, `${kept} tables were kept`);
  });

  const several: { name: string; files?: Files; dataset: DatasetInput }[] = [
    ...refusals(),
    {
      name: 'a table of several files with other columns',
      files: {
        'a.csv': csv('sku,title,price', 'p1,oak,1'),
        'b.jsonl': '{"price":2,"sku":"p2","late":true,"title":"x"}\n{oops\n',
      },
      dataset: joined([{ ...toProducts, source: ['a.csv', 'b.jsonl'] }]),
    },
    {
      name: 'rows in JSONL that learn of their key late',
      files: { 'rows.jsonl': '{"id":"1","label":"a"}\n{"id":"2","label":"b","product":"p1"}\n' },
      dataset: joined([toProducts], { source: 'rows.jsonl' }),
    },
    {
      name: 'a key that folders give',
      files: { 'product=p1/rows.csv': csv('id,label', '1,a'), 'product=p7/rows.csv': csv('id,label', '2,b') },
      dataset: joined([toProducts], { source: ['product=p1/rows.csv', 'product=p7/rows.csv'] }),
    },
    {
      name: 'a table joined with itself',
      files: { 'rows.csv': csv('id,label,parent', '1,a,', '2,b,1', 'bad') },
      dataset: {
        source: 'rows.csv',
        columns: { id: 'id', target: 'label', categorical: ['parent_label'] },
        joins: [{ name: 'parents', source: 'rows.csv', on: { parent: 'id' }, prefix: 'parent_' }],
        maxUnreadable: 1,
      },
    },
    {
      name: 'a table without rows',
      files: { 'products.csv': 'sku,title,price\n' },
      dataset: joined([toProducts]),
    },
    {
      name: 'a JSONL table of which nothing can be read',
      files: { 'products.jsonl': 'oops\n' },
      dataset: joined([{ ...toProducts, source: 'products.jsonl' }]),
    },
  ];
  for (const { name, files = {}, dataset } of several) {
    it(`give the same bytes for ${name}`, async () => {
      await same({ 'rows.csv': rows, 'products.csv': products, ...files }, dataset);
    });
  }

  function refusals() {
    const unmatched = {
      name: 'rows without a match',
      dataset: joined([{ ...toProducts, unmatched: 'error' as const }]),
    };
    const collision = {
      name: 'columns that are there twice',
      files: { 'products.csv': csv('sku,title,price,query', 'p1,oak,1,x') },
      dataset: joined([toProducts]),
    };
    return [unmatched, collision];
  }

  it('keep the order of rows where there are many', async () => {
    const n = 30_000;
    const many = csv(
      'id,product,label',
      ...Array.from({ length: n }, (_, i) => `${i},p${(i * 7919) % n},${i % 2}`),
    );
    const right = csv('sku,title,price', ...Array.from({ length: n }, (_, i) => `p${i},t${i},${i}`));
    const { large } = workplace.contexts({ 'rows.csv': many, 'products.csv': right });
    const params = { dataset: DatasetConfig.parse(joined([toProducts])) };
    const { outputs } = await ingest.run({ path: 'ingest', seed: 42, params, inputs: {} }, large);
    const found = await tableRows(large.artifacts, outputs['dataset']![0]!);
    assert.equal(found.length, n);
    assert.ok(found.every(({ id, price }) => price === (Number(id) * 7919) % n));
  });
});
