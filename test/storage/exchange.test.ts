import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { parquetMetadata } from 'hyparquet';
import type { ColumnSpec } from '../../contracts/artifact.js';
import type { ColumnBatch } from '../../contracts/table.js';
import { withConnection } from '../../storage/duckdb.js';
import { readParquetRows } from '../../storage/foreignParquet.js';
import { writeParquet } from '../../storage/tables.js';
import { repositoryRoot } from '../paths.js';
import { runPyarrow } from './pyarrow.js';
import { collect, temporaryFolder } from './workspace.js';

const fixtures = join(repositoryRoot, 'test/fixtures/parquet');

const columns: readonly ColumnSpec[] = [
  { name: 'id', type: 'utf8' },
  { name: 'n', type: 'int64' },
  { name: 'event_time', type: 'float64' },
  { name: 'score', type: 'float32' },
  { name: 'logits', type: 'float64[]' },
  { name: 'best', type: 'bool' },
];
/** Two row groups. */
const ROWS = 140_000;

/** Every third id and every fourth score missing. */
async function writeOurs(t: TestContext): Promise<string> {
  const row = Array.from({ length: ROWS }, (_, i) => i);
  const batch: ColumnBatch = {
    rows: ROWS,
    columns: {
      id: row.map((i) => (i % 3 === 2 ? null : `é ${String(i).padStart(6, '0')}`)),
      n: BigInt64Array.from(row, (i) => 2n ** 53n + BigInt(i)),
      event_time: Float64Array.from(row, (i) => 1_700_000_000_000 + i),
      score: Float32Array.from(row, (i) => (i % 4 === 3 ? NaN : i)),
      logits: { width: 2, values: Float64Array.from({ length: 2 * ROWS }, (_, i) => i / 2) },
      best: Uint8Array.from(row, (i) => i % 2),
    },
  };
  const [file] = await collect(writeParquet(await temporaryFolder(t), columns, [batch]));
  return file!.path;
}

describe('our tables, read by others', () => {
  it('have the types, values, statistics and row groups that pyarrow expects', async (t) => {
    const printed = runPyarrow(
      t,
      `
import sys, json, pyarrow as pa, pyarrow.compute as pc, pyarrow.parquet as pq
f = pq.ParquetFile(sys.argv[1]); m = f.metadata; t = f.read()
g = [m.row_group(i) for i in range(m.num_row_groups)]
s = {g[0].column(i).path_in_schema: g[0].column(i).statistics for i in range(m.num_columns)}
when = t['event_time'].cast(pa.int64()).cast(pa.timestamp('ms', tz='UTC'))
print(json.dumps({
  'types': [str(x) for x in t.schema.types], 'groups': [x.num_rows for x in g],
  'codec': g[0].column(0).compression,
  'id': [s['id'].min, s['id'].max, s['id'].null_count], 'n': [str(s['n'].min), str(s['n'].max)],
  'missing': t['score'].null_count, 'sum': str(pc.sum(pc.subtract(t['n'], 2**53)).as_py()),
  'logits': t['logits'][ROWS - 1].as_py(), 'when': str(when[0].as_py())}))
`.replace('ROWS', String(ROWS)),
      await writeOurs(t),
    );
    if (printed === undefined) return;
    assert.deepEqual(JSON.parse(printed), {
      types: ['string', 'int64', 'double', 'float', 'list<element: double>', 'bool'],
      groups: [131_072, ROWS - 131_072],
      codec: 'ZSTD',
      id: ['é 000000', 'é 131071', 43_690],
      n: [String(2n ** 53n), String(2n ** 53n + 131_071n)],
      missing: ROWS / 4,
      sum: String((ROWS * (ROWS - 1)) / 2),
      logits: [ROWS - 1, ROWS - 0.5],
      when: '2023-11-14 22:13:20+00:00',
    });
  });

  it('are read by DuckDB, which skips row groups by their statistics', async (t) => {
    const path = await writeOurs(t);
    await withConnection(async (connection) => {
      const described = await connection.runAndReadAll('DESCRIBE SELECT * FROM read_parquet($1)', [path]);
      assert.deepEqual(
        described.getRows().map(([, type]) => type),
        ['VARCHAR', 'BIGINT', 'DOUBLE', 'FLOAT', 'DOUBLE[]', 'BOOLEAN'],
      );
      const read = await connection.runAndReadAll(
        'SELECT count(*), count(id), count(score), max(n), epoch_ms(max(event_time)::BIGINT)::VARCHAR FROM read_parquet($1) WHERE n >= 9007199254880000',
        [path],
      );
      assert.deepEqual(read.getRows()[0]?.map(String), [
        '992',
        '662',
        '744',
        '9007199254880991',
        '2023-11-14 22:15:39.999',
      ]);
    });
  });

  it('have a footer that hyparquet understands, which shares no code with who wrote it', async (t) => {
    const bytes = await readFile(await writeOurs(t));
    const { row_groups: groups, schema } = parquetMetadata(Uint8Array.from(bytes).buffer);
    assert.deepEqual(
      groups.map((group) => Number(group.num_rows)),
      [131_072, ROWS - 131_072],
    );
    const statistics = groups[1]!.columns[1]!.meta_data!.statistics!;
    assert.deepEqual(
      [statistics.min_value, statistics.max_value, statistics.null_count],
      [2n ** 53n + 131_072n, 2n ** 53n + BigInt(ROWS) - 1n, 0n],
    );
    assert.equal(schema.find(({ name }) => name === 'id')!.converted_type, 'UTF8');
  });
});

describe('tables of others', () => {
  for (const writer of ['pyarrow', 'pandas', 'polars', 'duckdb']) {
    it(`come whole from ${writer}: text, 64-bit integers, NaN, times, lists, missing values`, async () => {
      const batches = await collect(readParquetRows(join(fixtures, `${writer}.parquet`)));
      const column = (name: string): (string | null)[] =>
        batches.flatMap((batch) => batch.columns[name] as (string | null)[]);
      assert.deepEqual(column('id'), ['é漢字🙂', '', null]);
      assert.deepEqual(column('n'), ['9007199254740993', null, '-9223372036854775808']);
      assert.deepEqual(column('x'), ['0.1', null, null]);
      assert.deepEqual(column('when'), ['2023-11-14T22:13:20.123456', null, '1969-12-31T23:59:59.000000']);
      assert.deepEqual(column('tags'), ['["a","b\\""]', '[]', null]);
      assert.deepEqual(column('flag'), ['true', 'false', null]);
    });
  }
});
