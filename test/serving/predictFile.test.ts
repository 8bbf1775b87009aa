import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { RecordBlock } from '../../core/ingest/source.js';
import type { Answerer } from '../../serving/ensemble.js';
import { PartFiles, type TableFormat } from '../../serving/partFiles.js';
import { predictFile, type PredictRequest } from '../../serving/predictFile.js';
import { readParquetRows } from '../../storage/foreignParquet.js';
import { temporaryFolder } from '../storage/workspace.js';

/** Says `big` with probability price / 10. */
const answerer: Answerer = {
  name: 'toy@1',
  columns: [{ name: 'price', isNumeric: true }],
  classes: ['big', 'small'],
  probabilities: ({ rows, columns }) => {
    const prices = columns['price'] as Float64Array;
    return Float64Array.from({ length: 2 * rows }, (_, i) => {
      const p = prices[i >> 1]! / 10;
      return i % 2 === 0 ? p : 1 - p;
    });
  },
};

const header = ['id', 'price', 'label'];
const record = (line: number, ...cells: (string | null)[]) => ({ line, cells });
/** Seven rows of which one is unreadable and one has no number, in two blocks. */
const blocks: readonly RecordBlock[] = [
  {
    header,
    records: [record(2, 'a', '9', 'big'), record(4, 'b', '1', 'big'), record(5, 'c', 'x', 'small')],
    unreadable: [{ line: 3, rule: 'cells', reason: '2 cells, expected 3', record: 'q,1' }],
  },
  {
    header,
    records: [record(6, 'd, "e"', '2', 'huge'), record(7, 'f', '8', null), record(8, 'g', '0', 'small')],
    unreadable: [],
  },
];

async function* stream(from: readonly RecordBlock[], breakAfter = Infinity): AsyncGenerator<RecordBlock> {
  for (const [i, block] of from.entries()) {
    if (i >= breakAfter) throw new Error('the power went');
    yield await Promise.resolve(block);
  }
}

async function predict(
  out: string,
  format: TableFormat,
  more: Partial<PredictRequest> = {},
  task: object = {},
) {
  const parts = await PartFiles.open(out, format, task, false);
  return predictFile({
    ...{ answerer, parts, blocks: stream(blocks), where: 'in.csv', isLoose: false, shardRows: 2 },
    ...{
      allProbabilities: false,
      target: 'label',
      signal: new AbortController().signal,
      progress: () => undefined,
    },
    ...more,
  });
}

describe('predicting a file', () => {
  it('answers every row in order, puts aside what it can not read, and judges against labels', async (t) => {
    const out = join(await temporaryFolder(t), 'out.csv');
    const done = await predict(out, 'csv');
    assert.deepEqual(readFileSync(out, 'utf8').split('\n'), [
      'id,price,label,prediction,probability',
      'a,9,big,big,0.9',
      'b,1,big,small,0.9',
      '"d, ""e""",2,huge,small,0.8',
      'f,8,,big,0.8',
      'g,0,small,small,1',
      '',
    ]);
    const quarantine = readFileSync(`${out}.quarantine.jsonl`, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as object);
    assert.deepEqual(quarantine, [
      { file: 'in.csv', line: 3, rule: 'cells', reason: '2 cells, expected 3', record: 'q,1' },
      {
        file: 'in.csv',
        line: 5,
        rule: 'number',
        reason: 'price: "x" is not a number',
        record: '{"id":"c","price":"x","label":"small"}',
      },
    ]);
    assert.deepEqual(done, {
      ...{ read: 7, predicted: 5, quarantined: 2, shards: 4, resumedShards: 0 },
      judged: { known: 3, right: 2, unknown: { huge: 1 } },
    });
    assert.ok(!existsSync(`${out}.parts`), 'nothing is left of the shards');
  });

  it('goes on after the last whole shard, to the same bytes', async (t) => {
    const folder = await temporaryFolder(t);
    const [whole, resumed] = [join(folder, 'whole.csv'), join(folder, 'resumed.csv')];
    await predict(whole, 'csv');
    await assert.rejects(predict(resumed, 'csv', { blocks: stream(blocks, 1) }), /the power went/);
    assert.ok(!existsSync(resumed));
    let asked = 0;
    const counting = {
      ...answerer,
      probabilities: (batch: Parameters<Answerer['probabilities']>[0]) => (
        (asked += batch.rows),
        answerer.probabilities(batch)
      ),
    };
    const done = await predict(resumed, 'csv', { answerer: counting });
    assert.equal(done.resumedShards, 2);
    assert.equal(asked, 3);
    for (const ending of ['', '.quarantine.jsonl'])
      assert.equal(readFileSync(resumed + ending, 'utf8'), readFileSync(whole + ending, 'utf8'));
  });

  it('starts over where what decides the output has changed', async (t) => {
    const out = join(await temporaryFolder(t), 'out.csv');
    await assert.rejects(predict(out, 'csv', { blocks: stream(blocks, 1) }, { model: 'toy@1' }));
    assert.equal((await predict(out, 'csv', {}, { model: 'toy@2' })).resumedShards, 0);
  });

  it('writes JSONL without empty cells, and every probability where asked', async (t) => {
    const out = join(await temporaryFolder(t), 'out.jsonl');
    await predict(out, 'jsonl', { allProbabilities: true });
    const [, , , row] = readFileSync(out, 'utf8').split('\n');
    assert.deepEqual(JSON.parse(row!), {
      id: 'f',
      price: '8',
      prediction: 'big',
      probability: 0.8,
      'p(big)': 0.8,
      'p(small)': 1 - 0.8,
    });
  });

  it('writes one Parquet file of many shards, rows in order', async (t) => {
    const out = join(await temporaryFolder(t), 'out.parquet');
    await predict(out, 'parquet', { shardRows: 1 });
    const ids: unknown[] = [];
    const said: unknown[] = [];
    for await (const { columns } of readParquetRows(out)) {
      ids.push(...(columns['id'] as string[]));
      said.push(...(columns['prediction'] as string[]));
    }
    assert.deepEqual(ids, ['a', 'b', 'd, "e"', 'f', 'g']);
    assert.deepEqual(said, ['big', 'small', 'small', 'big', 'small']);
  });

  it('names columns of the input that are called like its own `source.…`', async (t) => {
    const out = join(await temporaryFolder(t), 'out.csv');
    const own = [{ header: ['price', 'prediction'], records: [record(2, '9', 'old')], unreadable: [] }];
    await predict(out, 'csv', { blocks: stream(own) });
    assert.equal(
      readFileSync(out, 'utf8'),
      'price,source.prediction,prediction,probability\n9,old,big,0.9\n',
    );
  });

  const refused: readonly {
    name: string;
    blocks: readonly RecordBlock[];
    isLoose?: boolean;
    want: RegExp;
  }[] = [
    {
      name: 'a column that the model reads',
      blocks: [{ header: ['id', 'prise'], records: [record(2, 'a', '1')], unreadable: [] }],
      want: /in\.csv: toy@1 reads the column "price", which the file lacks; it has id, prise; did you mean "price"|did you mean "prise"\?/,
    },
    {
      name: 'it in every row of a loose file',
      isLoose: true,
      blocks: [{ header: ['id'], records: [record(1, 'a')], unreadable: [] }],
      want: /reads the column "price"/,
    },
    { name: 'any row', blocks: [{ header, records: [], unreadable: [] }], want: /no rows below the header/ },
  ];
  for (const { name, blocks: from, isLoose = false, want } of refused) {
    it(`refuses a file that lacks ${name}`, async (t) => {
      const out = join(await temporaryFolder(t), 'out.csv');
      await assert.rejects(predict(out, 'csv', { blocks: stream(from), isLoose }), want);
      assert.ok(!existsSync(out));
    });
  }

  it('does not write over a file', async (t) => {
    const out = join(await temporaryFolder(t), 'out.csv');
    writeFileSync(out, 'mine');
    await assert.rejects(predict(out, 'csv'), /is there already; give another --out, or --overwrite/);
    assert.equal(readFileSync(out, 'utf8'), 'mine');
  });
});
