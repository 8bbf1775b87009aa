import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import fc from 'fast-check';
import type { ColumnSpec } from '../../contracts/artifact.js';
import type { Column, ColumnBatch } from '../../contracts/table.js';
import { sha256 } from '../../storage/hash.js';
import { countParquetRows, readParquet, writeParquet } from '../../storage/tables.js';
import { collect, temporaryFolder } from './workspace.js';

const everyType: readonly ColumnSpec[] = [
  { name: 'id', type: 'utf8' },
  { name: 'yes', type: 'bool' },
  { name: 'small', type: 'int32' },
  { name: 'large', type: 'int64' },
  { name: 'single', type: 'float32' },
  { name: 'double', type: 'float64' },
  { name: 'vector', type: 'float64[]' },
  { name: 'raw', type: 'bytes' },
];

const edges: ColumnBatch = {
  rows: 4,
  columns: {
    id: ['', 'é漢字🙂\n"quoted"', null, 'x'.repeat(70_000)],
    yes: Uint8Array.of(0, 1, 1, 0),
    small: Int32Array.of(0, -1, 2_147_483_647, -2_147_483_648),
    large: BigInt64Array.of(0n, 2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n)),
    single: Float32Array.of(0, NaN, Infinity, 1e-45),
    double: Float64Array.of(-0, NaN, -Infinity, 5e-324),
    vector: { width: 2, values: Float64Array.of(1, 2, NaN, 4, 5, -0, 7, Infinity) },
    raw: [
      Uint8Array.of(),
      Uint8Array.of(0, 255, 128),
      Uint8Array.of(195, 40),
      new Uint8Array(1 << 20).fill(7),
    ],
  },
};

/** Writes, and reads everything back as one list of batches. */
async function roundTrip(t: TestContext, columns: readonly ColumnSpec[], batches: readonly ColumnBatch[]) {
  const files = await collect(writeParquet(await temporaryFolder(t), columns, batches));
  const read: ColumnBatch[] = [];
  for (const { path } of files) read.push(...(await collect(readParquet(path, columns))));
  return { files, read };
}

/** 5,000 rows of int32 and utf8, cut into batches of the given sizes, over and over. */
function cut(sizes: readonly number[]): ColumnBatch[] {
  const batches: ColumnBatch[] = [];
  for (let start = 0, i = 0; start < 5000; i++) {
    const rows = Math.min(sizes[i % sizes.length]!, 5000 - start);
    const row = Int32Array.from({ length: rows }, (_, k) => start + k);
    batches.push({ rows, columns: { row, text: Array.from(row, (value) => `row ${String(value)}`) } });
    start += rows;
  }
  return batches;
}

const twoColumns: readonly ColumnSpec[] = [
  { name: 'row', type: 'int32' },
  { name: 'text', type: 'utf8' },
];

describe('Parquet tables', () => {
  it('give back every type with its extremes, and missing values as they were', async (t) => {
    const { read } = await roundTrip(t, everyType, [edges]);
    assert.deepEqual(read, [edges]);
  });

  it('read only the columns asked for, in the order asked for', async (t) => {
    const [file] = await collect(writeParquet(await temporaryFolder(t), everyType, [edges]));
    const [batch] = await collect(readParquet(file!.path, [everyType[5]!, everyType[0]!]));
    assert.deepEqual(Object.keys(batch!.columns), ['double', 'id']);
  });

  it('have the same bytes however the rows were batched', async (t) => {
    const hashes = new Set<string>();
    for (const sizes of [[5000], [1], [2048], [700, 3, 2049]]) {
      const { files } = await roundTrip(t, twoColumns, cut(sizes));
      hashes.add(sha256(await readFile(files[0]!.path)));
    }
    assert.equal(hashes.size, 1);
  });

  it('have the same bytes when several are written at once', async (t) => {
    const written = await Promise.all([1, 2, 3].map(() => roundTrip(t, twoColumns, cut([100]))));
    const hashes = await Promise.all(
      written.map(async ({ files }) => sha256(await readFile(files[0]!.path))),
    );
    assert.equal(new Set(hashes).size, 1);
  });

  it('are cut into parts that keep rows and order', async (t) => {
    const rows = 300_000;
    const row = Int32Array.from({ length: rows }, (_, i) => rows - i);
    const { files, read } = await roundTrip(
      t,
      [{ name: 'row', type: 'int32' }],
      [{ rows, columns: { row } }],
    );
    assert.deepEqual(
      files.map((file) => file.rows),
      [262_144, 37_856],
    );
    assert.equal(await countParquetRows(files[0]!.path), 262_144);
    const joined = read.flatMap((batch) => [...(batch.columns['row'] as Int32Array)]);
    assert.deepEqual(Int32Array.from(joined), row);
  });

  it('of no rows are no files', async (t) => {
    const { files } = await roundTrip(t, twoColumns, []);
    assert.deepEqual(files, []);
  });

  it('give back any texts and numbers', async (t) => {
    const text = fc.array(fc.option(fc.string({ unit: 'grapheme' })), { minLength: 1, maxLength: 50 });
    await fc.assert(
      fc.asyncProperty(text, fc.double(), async (texts, value) => {
        const columns: ColumnSpec[] = [
          { name: 'SELECT "x"; --', type: 'utf8' },
          { name: 'label', type: 'float64' },
        ];
        // Infinity × 0 is a NaN with other bits than NaN, and deepEqual compares bits.
        const numbers = Float64Array.from(texts, (_, i) => (Number.isFinite(value) ? value * i : value));
        const batch = { rows: texts.length, columns: { 'SELECT "x"; --': texts, label: numbers } };
        const { read } = await roundTrip(t, columns, [batch]);
        assert.deepEqual(read, [batch]);
      }),
      { numRuns: 25 },
    );
  });

  const refusals: { name: string; columns: Record<string, Column>; want: RegExp }[] = [
    {
      name: 'a column too few',
      columns: { row: Int32Array.of(1) },
      want: /expected the columns row, text, got row/,
    },
    {
      name: 'another type',
      columns: { row: Float64Array.of(1), text: ['a'] },
      want: /row is not of type int32/,
    },
    {
      name: 'another length',
      columns: { row: Int32Array.of(1), text: [] },
      want: /text has 0 rows, the batch 1/,
    },
  ];
  for (const { name, columns, want } of refusals) {
    it(`refuse a batch with ${name}`, async (t) => {
      await assert.rejects(roundTrip(t, twoColumns, [{ rows: 1, columns }]), want);
    });
  }

  it('refuse a file with another type than promised, naming the column', async (t) => {
    const [file] = await collect(writeParquet(await temporaryFolder(t), twoColumns, cut([5000])));
    const read = collect(readParquet(file!.path, [{ name: 'row', type: 'int64' }]));
    await assert.rejects(read, /StoreError: .*expected a column row of type BIGINT, got INTEGER/);
  });

  it('write to a folder whose name has quotes and blanks', async (t) => {
    const folder = join(await temporaryFolder(t), `it's "here"`);
    const [file] = await collect(writeParquet(folder, twoColumns, cut([5000])));
    assert.equal(await countParquetRows(file!.path), 5000);
  });
});
