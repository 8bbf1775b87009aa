import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { parquetReadObjects } from 'hyparquet';
import type { ColumnSpec } from '../../contracts/artifact.js';
import type { Column, ColumnBatch } from '../../contracts/table.js';
import {
  isMetricFile,
  isMetricTable,
  readMetricTable,
  writeMetricTable,
} from '../../storage/metricTables.js';
import { readParquet, writeParquet } from '../../storage/tables.js';
import { collect, temporaryFolder } from './workspace.js';

const columns: readonly ColumnSpec[] = [
  { name: 'class', type: 'utf8' },
  { name: 'epoch', type: 'int32' },
  { name: 'f1', type: 'float64' },
  { name: 'best', type: 'bool' },
];

const edges: ColumnBatch = {
  rows: 4,
  columns: {
    class: ['', null, 'é漢字🙂', 'x'.repeat(10_000)],
    epoch: Int32Array.of(0, -1, 2_147_483_647, -2_147_483_648),
    f1: Float64Array.of(0.1, NaN, 5e-324, -1.7976931348623157e308),
    best: Uint8Array.of(1, 0, 0, 1),
  },
};

describe('metric tables of parquetjs-lite', () => {
  it('are read alike by parquetjs-lite and by DuckDB', async (t) => {
    const { path, rows } = await writeMetricTable(await temporaryFolder(t), columns, [edges]);
    assert.equal(rows, 4);
    assert.deepEqual(await readMetricTable(path, columns), edges);
    assert.deepEqual(await collect(readParquet(path, columns)), [edges]);
  });

  it('are read alike by hyparquet', async (t) => {
    const { path } = await writeMetricTable(await temporaryFolder(t), columns, [edges]);
    const file = Uint8Array.from(await readFile(path)).buffer;
    const read = await parquetReadObjects({ file });
    assert.deepEqual(read[2], { class: 'é漢字🙂', epoch: 2_147_483_647, f1: 5e-324, best: false });
    assert.deepEqual([read[1]!['class'] ?? null, read[1]!['f1'] ?? null], [null, null]);
  });

  it('hold many row groups, in order, with the same bytes each time', async (t) => {
    const rows = 10_000;
    const epoch = Int32Array.from({ length: rows }, (_, i) => i);
    const only: readonly ColumnSpec[] = [{ name: 'epoch', type: 'int32' }];
    const folder = await temporaryFolder(t);
    const first = await writeMetricTable(folder, only, [{ rows, columns: { epoch } }]);
    const second = await writeMetricTable(folder, only, [{ rows, columns: { epoch } }]);
    assert.deepEqual((await readMetricTable(first.path, only)).columns['epoch'], epoch);
    assert.ok((await readFile(first.path)).equals(await readFile(second.path)));
  });

  const refusals: { name: string; type: ColumnSpec['type']; column: Column }[] = [
    { name: '64-bit integers, which it rounds', type: 'int64', column: BigInt64Array.of(2n ** 53n + 1n) },
    { name: 'an infinite number', type: 'float64', column: Float64Array.of(Infinity) },
    { name: '-0, which it makes 0', type: 'float64', column: Float64Array.of(-0) },
    { name: 'vectors', type: 'float64[]', column: { width: 1, values: Float64Array.of(1) } },
    { name: 'bytes', type: 'bytes', column: [Uint8Array.of(1)] },
  ];
  for (const { name, type, column } of refusals) {
    it(`are not made of ${name}`, async (t) => {
      const spec: readonly ColumnSpec[] = [{ name: 'c', type }];
      const batch = { rows: 1, columns: { c: column } };
      assert.equal(isMetricTable(spec, [batch]), false);
      await assert.rejects(writeMetricTable(await temporaryFolder(t), spec, [batch]), RangeError);
    });
  }

  it('are told from the files of others, which parquetjs-lite must not read', async (t) => {
    const folder = await temporaryFolder(t);
    const [other] = await collect(writeParquet(folder, columns, [edges]));
    const own = await writeMetricTable(folder, columns, [edges]);
    assert.deepEqual([await isMetricFile(own.path), await isMetricFile(other!.path)], [true, false]);
  });
});
