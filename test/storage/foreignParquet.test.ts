import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { ColumnSpec } from '../../contracts/artifact.js';
import type { ColumnBatch } from '../../contracts/table.js';
import { readParquetRows } from '../../storage/foreignParquet.js';
import { createSources } from '../../storage/sources.js';
import { writeParquet } from '../../storage/tables.js';
import { runPyarrow } from './pyarrow.js';
import { collect, temporaryFolder } from './workspace.js';

const writeTypes = `
import sys, datetime as d, decimal, pyarrow as pa, pyarrow.parquet as pq
t = d.datetime(2023, 11, 14, 22, 13, 20, 123456)
columns = {
  'text': pa.array(['é漢字🙂', None, '']),
  'large': pa.array([2**53 + 1, None, -2**63], pa.int64()),
  'unsigned': pa.array([2**64 - 1, 0, None], pa.uint64()),
  'double': pa.array([0.1, float('nan'), None]),
  'single': pa.array([0.1, 1e30, None], pa.float32()),
  'whole': pa.array([1.0, 2.0, None]),
  'flag': pa.array([True, False, None]),
  'naive': pa.array([t, None, None], pa.timestamp('us')),
  'zoned': pa.array([t, None, None], pa.timestamp('ms', tz='Asia/Shanghai')),
  'nanos': pa.array([1700000000123456789, None, None], pa.timestamp('ns')),
  'day': pa.array([d.date(1969, 12, 31), None, None]),
  'price': pa.array([decimal.Decimal('12.50'), None, None], pa.decimal128(20, 2)),
  'tags': pa.array([['a', 'b"'], [], None]),
  'nested': pa.array([{'x': 1, 'y': None}, None, None], pa.struct([('x', pa.int32()), ('y', pa.string())])),
  'raw': pa.array([b'text', b'\\xff\\x00', None], pa.binary()),
  'kind': pa.array(['u', 'v', None]).dictionary_encode(),
  "odd \\"name'; --": pa.array(['1', None, None]),
}
pq.write_table(pa.table(columns), sys.argv[1])
`;

const want: Record<string, (string | null)[]> = {
  text: ['é漢字🙂', null, ''],
  large: ['9007199254740993', null, '-9223372036854775808'],
  unsigned: ['18446744073709551615', '0', null],
  double: ['0.1', null, null],
  single: ['0.1', '1e+30', null],
  whole: ['1.0', '2.0', null],
  flag: ['true', 'false', null],
  naive: ['2023-11-14T22:13:20.123456', null, null],
  zoned: ['2023-11-14T22:13:20.123000Z', null, null],
  nanos: ['2023-11-14T22:13:20.123456789', null, null],
  day: ['1969-12-31', null, null],
  price: ['12.50', null, null],
  tags: ['["a","b\\""]', '[]', null],
  nested: ['{"x":1,"y":null}', null, null],
  raw: ['text', 'FF00', null],
  kind: ['u', 'v', null],
  'odd "name\'; --': ['1', null, null],
};

describe('Parquet files of others', () => {
  it('come as text, every type of pyarrow with nothing lost', async (t) => {
    const path = join(await temporaryFolder(t), 'it\'s "here".parquet');
    if (runPyarrow(t, writeTypes, path) === undefined) return;
    const batches = await collect(readParquetRows(path));
    assert.deepEqual({ ...batches[0]!.columns }, want);
  });

  it('are read whatever the writer chose: version, compression, encoding, page, INT96', async (t) => {
    const folder = await temporaryFolder(t);
    const printed = runPyarrow(t, writeVariants, folder);
    if (printed === undefined) return;
    const names = printed.trim().split('\n');
    assert.equal(names.length, 8);
    for (const name of names) {
      const batches = await collect(readParquetRows(join(folder, name)));
      const ids = batches.flatMap((batch) => batch.columns['id'] as string[]);
      assert.deepEqual(
        ids,
        Array.from({ length: 5000 }, (_, i) => String(2 ** 53 - 1 - i)),
        name,
      );
      assert.equal((batches[0]!.columns['when'] as string[])[0], '2023-11-14T22:13:20.000000', name);
    }
  });

  const damaged = [
    { name: 'another format', content: 'id,text\n1,a\n' },
    { name: 'nothing', content: '' },
    { name: 'only its first bytes', content: 'PAR1\0\0\0\0' },
  ];
  for (const { name, content } of damaged) {
    it(`with ${name} in them are refused by name`, async (t) => {
      const folder = await temporaryFolder(t);
      await writeFile(join(folder, 'x.parquet'), content);
      const sources = createSources({ scratchDirectory: folder, baseDirectory: folder });
      const [file] = await sources.resolve(['x.parquet']);
      await assert.rejects(
        collect(sources.readParquet!(file!)),
        /DataError: x\.parquet: can't be read as Parquet/,
      );
    });
  }
});

const writeVariants = `
import sys, datetime as d, pyarrow as pa, pyarrow.parquet as pq
n = 5000
table = pa.table({'id': pa.array([2**53 - 1 - i for i in range(n)]),
  'text': pa.array(['word %d' % (i % 50) for i in range(n)]),
  'when': pa.array([d.datetime(2023, 11, 14, 22, 13, 20)] * n, pa.timestamp('us'))})
variants = [dict(compression=c) for c in ['none', 'snappy', 'gzip', 'brotli', 'zstd', 'lz4']] + [
  dict(version='1.0', data_page_version='2.0', use_dictionary=False, row_group_size=700),
  dict(use_deprecated_int96_timestamps=True, flavor='spark')]
for i, options in enumerate(variants):
  name = 'variant%d.parquet' % i
  pq.write_table(table, sys.argv[1] + '/' + name, **options)
  print(name)
`;

describe('our Parquet files', () => {
  it('are read by pyarrow with the same values and types', async (t) => {
    const columns: readonly ColumnSpec[] = [
      { name: 'id', type: 'utf8' },
      { name: 'n', type: 'int64' },
      { name: 'x', type: 'float64' },
      { name: 'v', type: 'float64[]' },
      { name: 'raw', type: 'bytes' },
    ];
    const batch: ColumnBatch = {
      rows: 2,
      columns: {
        id: ['é', null],
        n: BigInt64Array.of(2n ** 53n + 1n, -(2n ** 63n)),
        x: Float64Array.of(NaN, 5e-324),
        v: { width: 2, values: Float64Array.of(1, 2, 3, 4) },
        raw: [Uint8Array.of(255, 0), Uint8Array.of()],
      },
    };
    const [file] = await collect(writeParquet(await temporaryFolder(t), columns, [batch]));
    const program =
      'import sys, pyarrow.parquet as pq\n' +
      't = pq.read_table(sys.argv[1])\n' +
      'print(t.schema.types, t.to_pydict(), sep="\\n")';
    const printed = runPyarrow(t, program, file!.path);
    if (printed === undefined) return;
    const [types, values] = printed.trim().split('\n');
    assert.match(
      types!,
      /DataType\(string\), DataType\(int64\), DataType\(double\), ListType\(.*double>\), DataType\(binary\)/,
    );
    assert.equal(
      values,
      "{'id': ['é', None], 'n': [9007199254740993, -9223372036854775808], 'x': [None, 5e-324], " +
        "'v': [[1.0, 2.0], [3.0, 4.0]], 'raw': [b'\\xff\\x00', b'']}",
    );
  });
});
