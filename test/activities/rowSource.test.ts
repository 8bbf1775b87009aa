import assert from 'node:assert/strict';
import { it } from 'node:test';
import { readNumbered, readSome } from '../../activities/rowSource.js';
import type { ArtifactRef } from '../../contracts/artifact.js';
import type { ColumnBatch } from '../../contracts/table.js';
import { fakeStageContext } from '../fakes/stageContext.js';

const COLUMNS = [
  { name: 'id', type: 'utf8' },
  { name: 'n', type: 'float64' },
] as const;
const batch = (from: number, rows: number): ColumnBatch => {
  const numbers = Array.from({ length: rows }, (_, i) => from + i);
  return { rows, columns: { id: numbers.map((n) => `r${n}`), n: Float64Array.from(numbers) } };
};

const { artifacts } = fakeStageContext({});
const table = () => artifacts.writeTable('dataset', COLUMNS, [batch(0, 3), batch(3, 1), batch(4, 5)]);

it('picks rows out of batches, in their order', async () => {
  const found = await readSome(artifacts, await table(), Int32Array.of(0, 2, 4, 8));
  assert.deepEqual(found, {
    rows: 4,
    columns: { id: ['r0', 'r2', 'r4', 'r8'], n: Float64Array.of(0, 2, 4, 8) },
  });
});

it('reads the columns that are asked for', async () => {
  const { columns } = await readSome(artifacts, await table(), Int32Array.of(5), ['n']);
  assert.deepEqual(columns, { n: Float64Array.of(5) });
});

it('finds rows by their numbers, in any order', async () => {
  const { batch: found, placeOf } = await readNumbered(artifacts, await table(), [7, 2, 7, 0], ['id']);
  assert.equal(found.rows, 3);
  assert.deepEqual(
    [7, 2, 0].map((row) => (found.columns['id'] as string[])[placeOf(row)]),
    ['r7', 'r2', 'r0'],
  );
});

it('reads no further than the last row asked for', async () => {
  let batches = 0;
  async function* counted(ref: ArtifactRef): AsyncGenerator<ColumnBatch> {
    for await (const one of artifacts.readTable(ref)) {
      batches++;
      yield one;
    }
  }
  const counting = { ...artifacts, readTable: counted };
  assert.equal((await readSome(counting, await table(), Int32Array.of(3))).rows, 1);
  assert.equal(batches, 2);
  assert.equal((await readSome(counting, await table(), Int32Array.of())).rows, 0);
  assert.equal(batches, 3);
});

it('refuses rows that are not there, or come twice in the wrong order', async () => {
  await assert.rejects(readSome(artifacts, await table(), Int32Array.of(1, 9)), /row 9 of a table of 9 rows/);
  await assert.rejects(readSome(artifacts, await table(), Int32Array.of(4, 1)), /not ascending/);
});
