import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { withConnection } from '../../storage/duckdb.js';
import { nearlyTable } from '../fakes/nearlyTable.js';
import { ingestBothWays, openWorkplace, type Workplace } from './bothWays.js';
import { csv, plain, type DatasetInput } from './tableStages.js';

type Files = Readonly<Record<string, string | Uint8Array>>;

const full: DatasetInput = {
  source: 't.csv',
  columns: {
    ...{ id: 'key', target: 'label', text: ['name'], numeric: ['price'], categorical: ['shop'] },
    ...{ group: 'query', time: 'at' },
  },
  maxUnreadable: 1,
};

describe('ingest by the database', () => {
  let workplace: Workplace;
  before(async () => (workplace = await openWorkplace()));
  after(() => workplace.close());

  const same = (files: Files, dataset: DatasetInput): Promise<unknown> =>
    ingestBothWays(workplace, files, dataset);

  const cell = fc.oneof(
    fc.constantFrom(
      'oak',
      'rug',
      '',
      ' pad ',
      '5" pipe',
      'a,b',
      'two\nlines',
      'tab\tq"',
      '\u0001\u001f\u007f',
      '😀\uff21',
      '\\',
      '\u2028',
    ),
    fc.string({ maxLength: 5 }).filter((text) => !text.includes('\0')),
  );
  const number = fc.oneof(
    fc.double().map(String),
    fc.constantFrom(
      '1',
      '-0',
      '1e400',
      '5e-324',
      '.5',
      '1.',
      '+3',
      '1_000',
      '0x10',
      'inf',
      'NaN',
      ' 7 ',
      '\u00a08',
      '',
      '1e21',
      '1e-7',
      '123456789012345680',
    ),
    fc.stringMatching(/^[-+0-9.eE_]{1,8}$/),
  );
  const time = fc.constantFrom(
    '2024-01-01',
    '2024-02-30',
    '1700000000000',
    'yesterday',
    '',
    '2024-05-01T10:00:00.5+02:00',
    '-5',
  );
  const row = fc.tuple(
    fc.oneof(fc.constantFrom('k1', 'k2', 'k3', ''), fc.stringMatching(/^[a-z😀\uff21]{1,4}$/u)),
    ...[
      cell,
      fc.constantFrom('a', 'b', ' a ', ''),
      number,
      fc.constantFrom('s', 't', ''),
      fc.constantFrom('q1', 'q2', ''),
      time,
    ],
  );
  const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
  const table = fc
    .array(row, { minLength: 1, maxLength: 25 })
    .map((rows) =>
      csv('key,name,label,price,shop,query,at', ...rows.map((cells) => cells.map(quoted).join(','))),
    );
  const split = fc.constantFrom<DatasetInput['split'][]>(
    { by: 'hash' },
    { by: 'hash', groups: 'apart' },
    { by: 'time' },
    { by: 'time', groups: 'apart' },
    { by: 'stratified' },
    { by: 'stratified', groups: 'apart' },
    { by: 'lastOfGroup', validation: 1, test: 1 },
  );
  const duplicateIds = fc.constantFrom<NonNullable<DatasetInput['duplicateIds']>[]>(
    'quarantine',
    'newest',
    'error',
  );

  it('gives the same bytes as in memory, whatever the cells, ids and sides', async () => {
    let kept = 0;
    await fc.assert(
      fc.asyncProperty(table, split, duplicateIds, fc.boolean(), async (text, by, rule, isGrouped) => {
        const { group, ...columns } = full.columns;
        const isApart = 'groups' in by! && by.groups === 'apart';
        const isGroupless = !isGrouped || (by!.by === 'stratified' && !isApart);
        const grouped = by!.by === 'lastOfGroup' || !isGroupless ? { ...columns, group } : columns;
        const found = await same({ 't.csv': text }, {
          ...full,
          columns: grouped,
          split: by,
          duplicateIds: rule,
        } as DatasetInput);
        if (typeof found !== 'string') kept++;
      }),
      { numRuns: 24 },
    );
    assert.ok(kept > 4, `${kept} tables were kept`);
  });

  it('gives the same bytes for files that nearly are tables, without ids', async () => {
    await fc.assert(
      fc.asyncProperty(nearlyTable, async (bytes) => void (await same({ 't.csv': bytes }, plain))),
      { numRuns: 12 },
    );
  });

  const several: { name: string; files: Files; dataset?: Partial<DatasetInput> }[] = [
    {
      name: 'files whose headers differ, and folders that say more',
      files: {
        'dt=1/a.csv': csv('name,label,extra', 'x,a,1', 'x,a,1', 'bad'),
        'dt=2/b.csv': csv('label,other,name', 'b,7,y', 'a,,x'),
      },
    },
    { name: 'TSV with quotes', files: { 't.tsv': 'name\tlabel\nx, y\ta\n"q\tr"\tb\n\t\n' } },
    {
      name: 'JSONL that learns of columns late',
      files: {
        't.jsonl':
          '{"label":"a","name":"x"}\n{oops\n{"name":"y","late":[1],"label":1}\n{"late":"","label":"a"}\n',
      },
    },
    {
      name: 'a single column',
      files: { 't.csv': csv('label', 'a', '""', 'b', ' ', 'c') },
      dataset: { columns: { target: 'label' } },
    },
    {
      name: 'CRLF and a byte order mark',
      files: { 't.csv': '\ufeffname,label\r\n\ufeffx,a\r\n"y\r\nz",b\r\n' },
    },
    { name: 'a header alone', files: { 't.csv': csv('name,label') } },
    {
      name: 'columns called like numbers',
      files: { 't.csv': csv('name,label,10,2', 'x,a,1,2', 'y,b,4,5', 'y,b,4,5') },
    },
    {
      name: 'sides that the data bring',
      files: { 't.csv': csv('name,label,side', 'x,a,train', 'y,b,dev', 'z,a, test ') },
      dataset: { columns: { target: 'label', text: ['name'], split: 'side' }, split: { by: 'column' } },
    },
    {
      name: 'the last events of users',
      files: {
        't.csv': csv(
          'name,label,user,at',
          ...[1, 2, 3, 4, 5].map((at) => `n${at},${at % 2},u${at % 2},${at}`),
        ),
      },
      dataset: {
        columns: { target: 'label', text: ['name'], group: 'user', time: 'at' },
        split: { by: 'lastOfGroup', validation: 1, test: 1 },
      },
    },
  ];
  for (const { name, files, dataset = {} } of several) {
    it(`gives the same bytes for ${name}`, async () => {
      await same(files, { ...plain, source: Object.keys(files), ...dataset });
    });
  }

  /** Writes what a statement selects as a Parquet file below the workplace's folder. @returns its path */
  async function parquet(name: string, select: string): Promise<string> {
    const path = join(workplace.folder, name);
    await mkdir(dirname(path), { recursive: true });
    await withConnection(async (connection) => {
      await connection.run(`COPY (${select}) TO '${path}' (FORMAT parquet, ROW_GROUP_SIZE 2048)`);
    });
    return path;
  }
  const every = `SELECT 'thing ' || i AS name, CASE WHEN i % 7 = 0 THEN NULL ELSE i / 3 END AS price, i % 2 = 0 AS label,
    DATE '2024-01-01' + i::INTEGER AS day, TIMESTAMP '2024-01-01 10:00:00.5' AS at, [i, NULL] AS list, 'a' || chr(0) AS raw,
    9007199254740993 + i AS large, CASE WHEN i = 3 THEN '' ELSE 'x' END AS empty FROM range(5000) AS t(i)`;

  it('gives the same bytes for Parquet of several types, and for folders that say more', async () => {
    const source = [
      await parquet('parquet/dt=1/a.parquet', every),
      await parquet('parquet/dt=2/b.pq', "SELECT 'y' AS name, 'true' AS label, 7 AS price"),
      await parquet('parquet/dt=2/none.pq', "SELECT 'y' AS name, 'true' AS label, 7 AS price WHERE false"),
    ];
    const columns = { target: 'label', text: ['name'], numeric: ['price'] };
    const found = await same({}, { ...plain, source, columns });
    assert.equal((found as { figures: Record<string, number> }).figures['read'], 5001);
  });

  it('joins Parquet with Parquet to the same bytes', async () => {
    const source = await parquet(
      'joined/rows.parquet',
      'SELECT i % 40 AS product, i % 2 AS label FROM range(300) AS t(i)',
    );
    const products = await parquet(
      'joined/products.parquet',
      "SELECT i AS sku, 'thing ' || i AS name FROM range(30) AS t(i)",
    );
    const join: NonNullable<DatasetInput['joins']>[number] = {
      ...{ name: 'products', source: products, on: { product: 'sku' }, unmatched: 'quarantine' },
    };
    const found = await same({}, { ...plain, source, joins: [join] });
    assert.equal((found as { figures: Record<string, number> }).figures['kept'], 230);
  });

  const cuts: [name: string, cut: (bytes: Uint8Array) => Uint8Array][] = [
    ['is cut in the middle', (bytes) => bytes.subarray(0, bytes.length / 2)],
    ['lacks its last byte', (bytes) => bytes.subarray(0, -1)],
    ['lacks its first bytes', (bytes) => bytes.subarray(5000)],
    ['is its first bytes only', (bytes) => bytes.subarray(0, 4)],
    ['is text', () => Buffer.from('name,label\nx,a\n')],
    ['holds damaged pages', (bytes) => bytes.map((byte, at) => (at > 10 && at < 4000 ? 255 - byte : byte))],
  ];
  for (const [name, cut] of cuts) {
    it(`says the same as in memory of a Parquet file that ${name}`, async () => {
      const path = await parquet('damaged/a.parquet', every);
      await writeFile(path, cut(await readFile(path)));
      const columns = { target: 'label', text: ['name'], numeric: ['price'] };
      const found = await same({}, { ...plain, source: path, columns });
      assert.match(String(found), /^DataError: .*a\.parquet: can't be read as Parquet: .*; write it again/);
    });
  }
});
