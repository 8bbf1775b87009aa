import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { clean } from '../../activities/clean.js';
import { ingest } from '../../activities/ingest.js';
import { CleanConfig, DatasetConfig } from '../../contracts/settings.js';
import type { StageOutput } from '../../contracts/stage.js';
import type { StageContext } from '../../contracts/store.js';
import { seeded } from '../../core/random.js';
import { findSpark } from '../../infra/spark/find.js';
import { createStageContexts } from '../../storage/context.js';
import { openStore } from '../../storage/open.js';
import { outcome } from '../activities/bothWays.js';
import { csv, type CleanInput, type DatasetInput } from '../activities/tableStages.js';
import { fakeStageContext, noPieces } from '../fakes/stageContext.js';
import { pythonWithSpark, skipSpark, useSpark } from './sparkHome.js';

const ROWS = 3000;
const NAMES = [
  ...[
    'oak',
    'oak table',
    'rug',
    '',
    ' ',
    'SPAM now',
    '😀',
    'say "hi"',
    'a\\b',
    "it's",
    '${HOME}',
    '5',
    ' oak ',
  ],
  ...[
    '\u00a0rug',
    'rug\u3000',
    'two\nlines',
    'tab\tq"',
    '\u0001\u001f\u007f',
    '\u2028',
    '%_\\%',
    'é',
    'e\u0301',
  ],
];
const NUMBERS = [
  ...[
    '1',
    '2',
    '3',
    '3.5',
    '1e21',
    '-7',
    '0.1',
    '',
    '-0',
    '1e400',
    '5e-324',
    '.5',
    '1.',
    '+3',
    '1_000',
    '0x10',
  ],
  ...['inf', 'NaN', '1d', '1f', ' 7 ', '\u00a08', '1e-7', '123456789012345680', `${'9'.repeat(70)}x`],
];
const TIMES = [
  ...['2024-01-01', '2024-02-30', '1700000000000', 'yesterday', '', '2024-05-01T10:00:00.5+02:00', '-5'],
  ...[
    '2024-12-31 23:59',
    '2024-13-01',
    '0000-01-01',
    '2024-01-01T24:00:00Z',
    '2024-01-01T10:00:00.123456-0130',
  ],
];
const VECTORS = ['[1, 2]', '[1,2.5e3]', '[1]', '[1, NaN]', '', '[1, 1e39]', 'x', '[true, 1]', ' [0,-0] '];

/** Rows of all kinds of cells; ids repeat now and then. */
function table(seed: number, rows: number, times: readonly string[] = TIMES): string {
  const random = seeded(seed, 'spark');
  const one = (from: readonly string[]): string => from[random.below(from.length)]!;
  const lines = Array.from({ length: rows }, (_, i) => {
    const id = random.below(8) === 0 ? `k${random.below(rows)}` : `k${i}`;
    const side = one(['train', 'train', 'train', 'validation', 'test']);
    const cells = [
      id,
      one(NAMES),
      one(['x', 'y', 'x', 'y', ' z ', '']),
      one(NUMBERS),
      one(['1', '2', '4.5', '']),
    ];
    const more = [
      one(['s', 't', '']),
      side,
      one(['q1', 'q2', 'q3', '']),
      one(times),
      one(VECTORS),
      one(['p1', 'p2 ', 'p9', '']),
    ];
    return [...cells, ...more].map((cell) => `"${cell.replaceAll('"', '""')}"`).join(',');
  });
  return csv('key,name,label,price,stars,shop,side,query,at,v,product', ...lines);
}

const columns: DatasetInput['columns'] = {
  ...{ id: 'key', target: 'label', text: ['name'], numeric: ['price', 'stars'], categorical: ['shop'] },
  ...{ group: 'query', time: 'at' },
};
const full: DatasetInput = { source: 't.csv', columns, maxUnreadable: 1 };
const { id: _, group: __, ...noId } = columns;

const ingests: readonly { name: string; files: Record<string, string>; dataset: DatasetInput }[] = [
  {
    name: 'split by hash, by group',
    files: { 't.csv': table(1, ROWS) },
    dataset: { ...full, columns: { ...columns, vectors: { v: 2 } } },
  },
  {
    name: 'split by time, the newest of an id',
    files: {
      't.csv': table(2, ROWS, ['2024-01-01', '2024-02-01', '2024-02-01T12:00Z', '5', '-7', '86400000']),
    },
    dataset: {
      ...full,
      columns: { ...columns, group: undefined },
      split: { by: 'time' },
      duplicateIds: 'newest',
    } as DatasetInput,
  },
  {
    name: 'split by the last events of each group',
    files: { 't.csv': table(6, ROWS, ['2024-01-01', '2024-02-01', '5', '-7', '86400000']) },
    dataset: { ...full, columns, split: { by: 'lastOfGroup', validation: 1, test: 1 } } as DatasetInput,
  },
  {
    name: 'stratified, ids made of rows, several files with other headers and folders',
    files: {
      'dt=1/a.csv': table(3, 400),
      'dt=2/b.csv': csv('label,other,name,price,stars,shop,at', 'x,7,"oak",1,2,s,2024-01-01', 'y,,rug,,,,'),
      'dt=3/c.jsonl':
        '{"label":"x","name":"oak","price":1,"stars":2,"shop":"s","at":0}\n{oops\n{"name":"late","label":"y","more":[1],"price":"","stars":null,"shop":"t","at":"x"}\n',
      'dt=3/d.csv': table(4, 400),
    },
    dataset: {
      ...full,
      columns: noId,
      source: ['dt=1/a.csv', 'dt=2/b.csv', 'dt=3/c.jsonl', 'dt=3/d.csv'],
      split: { by: 'stratified' },
    },
  },
  {
    name: 'joined with two tables, one of several files',
    files: {
      't.csv': table(5, ROWS),
      'p1.csv': csv('sku,title,shade', 'p1,Oak table,dark', 'p2,Rug,'),
      'p2.csv': csv('shade,sku,title', 'light,p1,again', 'red,,nothing', 'ragged'),
      'q.jsonl': '{"query":"q1","kind":"a"}\n{"query":"q2","kind":"b"}\n{oops\n',
    },
    dataset: {
      ...full,
      columns: { ...columns, categorical: ['shop', 'title'] },
      joins: [
        { name: 'products', source: ['p1.csv', 'p2.csv'], on: { product: 'sku' }, duplicates: 'quarantine' },
        { name: 'queries', source: 'q.jsonl', on: 'query', unmatched: 'quarantine' },
      ],
    },
  },
  {
    name: 'an error about its rows',
    files: { 't.csv': table(6, 200) },
    dataset: { ...full, maxUnreadable: 0 },
  },
  {
    name: 'an error about ids',
    files: { 't.csv': table(7, 200) },
    dataset: { ...full, duplicateIds: 'error' },
  },
];

const cleans: readonly { name: string; rules: CleanInput; more?: Partial<DatasetInput> }[] = [
  {
    name: 'outliers by quartiles and the MAD, patterns, imputation',
    rules: {
      missing: { price: 'impute', shop: 'impute', name: 'drop' },
      outliers: [
        { column: 'price', method: 'iqr', factor: 3, action: 'drop' },
        { column: 'stars', method: 'mad', factor: 1, action: 'clip' },
      ],
      irrelevant: [
        { column: 'name', op: 'matches', value: '^SPAM\\b' },
        { column: 'name', op: 'matches', value: '^rug$' },
        { column: 'price', op: 'equals', value: '2.0' },
      ],
      minTextLength: 3,
    },
  },
  {
    name: 'a contract, quantiles, and cells that look like statements',
    rules: {
      outliers: [{ column: 'price', method: 'quantile', factor: 0.1, action: 'drop' }],
      irrelevant: [
        { column: 'name', op: 'contains', value: "'); DROP TABLE work; --" },
        { column: 'name', op: 'contains', value: 'say "hi' },
        { column: 'name', op: 'lessThan', value: 6 },
        { column: 'price', op: 'contains', value: '1e' },
        { column: 'name', op: 'equals', value: 'a\\b' },
      ],
      minTextLength: 0,
      exactDuplicates: 'keep',
    },
    more: { contract: { price: { min: -5 }, label: { allowed: ['x', 'y'] }, stars: { maxMissing: 0.9 } } },
  },
  { name: 'a broken contract', rules: {}, more: { contract: { price: { maxMissing: 0 } } } },
];

describe('tables on Spark', { skip: skipSpark, timeout: 1_800_000 }, () => {
  let folder: string;
  let contextOf: ReturnType<typeof createStageContexts>;
  const signal = new AbortController().signal;
  const shares: number[] = [];

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'assay-spark-test-'));
    await useSpark(await pythonWithSpark(join(folder, 'python')));
    const store = await openStore(join(folder, 'store'));
    contextOf = createStageContexts(store, {
      scratchDirectory: join(folder, 'scratch'),
      findSpark: () => findSpark(process.env),
    });
  });
  after(() => rm(folder, { recursive: true, force: true }));

  function contexts(
    files: Readonly<Record<string, string>>,
    given = signal,
  ): { here: StageContext; spark: StageContext } {
    const { sources } = fakeStageContext(files);
    const hooks = {
      signal: given,
      progress: ({ done, total }: { done: number; total: number }) => void shares.push(done / total),
    };
    const engine = { name: 'spark', master: 'local[2]', partitions: 4 } as const;
    const here = contextOf('0'.repeat(64), hooks);
    const spark = contextOf('0'.repeat(64), { ...hooks, dataEngine: engine });
    return { here: { ...here, sources, pieces: noPieces }, spark: { ...spark, sources, pieces: noPieces } };
  }

  for (const { name, files, dataset } of ingests) {
    it(`ingests to the same bytes: ${name}`, async () => {
      const { here, spark } = contexts(files);
      const job = { path: 'ingest', seed: 42, params: { dataset: DatasetConfig.parse(dataset) }, inputs: {} };
      const wanted = await outcome(() => ingest.run(job, here));
      assert.deepEqual(await outcome(() => ingest.run(job, spark)), wanted);
      assert.equal(typeof wanted === 'string', name.startsWith('an error'), String(wanted));
    });
  }

  async function cleaned(rules: CleanInput, more: Partial<DatasetInput> | undefined, given = signal) {
    const { here, spark } = contexts({ 't.csv': table(8, ROWS) }, given);
    const params = {
      dataset: DatasetConfig.parse({
        ...full,
        split: { by: 'column' },
        columns: { ...columns, split: 'side' },
        ...more,
      }),
    };
    const read = await ingest.run({ path: 'ingest', seed: 42, params, inputs: {} }, here);
    const job = {
      path: 'clean',
      seed: 42,
      params: { ...params, clean: CleanConfig.parse(rules) },
      inputs: read.outputs,
    };
    const run = (context: StageContext): Promise<StageOutput> => clean.run(job, context);
    return { here: () => run(here), spark: () => run(spark) };
  }

  for (const { name, rules, more } of cleans) {
    it(`cleans to the same bytes: ${name}`, async () => {
      const run = await cleaned(rules, more);
      const wanted = await outcome(run.here);
      assert.deepEqual(await outcome(run.spark), wanted);
      assert.equal(typeof wanted === 'string', name.startsWith('a broken'), String(wanted));
    });
  }

  it('tells how far it is', () => {
    assert.ok(
      shares.some((share) => share > 0 && share < 1),
      `${shares.length} times`,
    );
    assert.ok(shares.every((share) => share >= 0 && share <= 1));
  });

  it('leaves no process and no file behind, nor when it is asked to stop', async () => {
    const control = new AbortController();
    const run = await cleaned({}, undefined, control.signal);
    const stopped = run.spark();
    while ((await sessions(join(folder, 'scratch'))).length === 0)
      await new Promise((resolve) => setTimeout(resolve, 50));
    setTimeout(() => control.abort(new Error('stop')), 6_000);
    const began = performance.now();
    await assert.rejects(stopped, /stop/);
    assert.ok(performance.now() - began < 20_000);
    assert.deepEqual(await sessions(join(folder, 'scratch')), []);
    const left = execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })
      .split('\n')
      .filter((line) => line.includes(folder));
    assert.deepEqual(left, []);
  });

  it('refuses a pattern that Spark has nothing like, and says what is allowed', async () => {
    const run = await cleaned(
      { irrelevant: [{ column: 'name', op: 'matches', value: '\\p{L}' }] },
      undefined,
    );
    await assert.rejects(
      run.spark,
      /clean\.irrelevant\.0\.value: dataEngine spark has nothing like \\p in patterns; allowed are/,
    );
  });
});

const sessions = async (scratch: string): Promise<string[]> =>
  (await readdir(scratch)).filter((name) => name.startsWith('spark-'));
