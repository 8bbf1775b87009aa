import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { SparseRows } from '../../contracts/matrix.js';
import { gatherBlocks } from '../../core/blockMatrix.js';
import { spoolMatrix } from '../../storage/matrixSpool.js';

const rowsOf = (...rows: (readonly (readonly [column: number, value: number])[])[]): SparseRows => {
  const ends = rows.map((_, i) => rows.slice(0, i + 1).reduce((sum, row) => sum + row.length, 0));
  return {
    rows: rows.length,
    indptr: Int32Array.of(0, ...ends),
    indices: Int32Array.from(rows.flat(), ([column]) => column),
    values: Float32Array.from(rows.flat(), ([, value]) => value),
  };
};
async function* blocks(...each: readonly SparseRows[]): AsyncGenerator<SparseRows, number> {
  for (const block of each) yield await Promise.resolve(block);
  return 9;
}

describe('a matrix on disk', () => {
  let folder: string;
  before(async () => (folder = await mkdtemp(join(tmpdir(), 'assay-spool-'))));
  after(() => rm(folder, { recursive: true, force: true }));

  it('comes back as it was written, in any order of blocks, rows without entries too', async () => {
    const [first, second] = [rowsOf([[1, 0.5]], [], [[0, -1], [8, 3]]), rowsOf([], [[7, 2]])]; // prettier-ignore
    const matrix = await spoolMatrix(folder, blocks(first, second));
    assert.deepEqual([matrix.rows, matrix.cols, matrix.entries, matrix.blockRows], [5, 9, 4, [3, 2]]);
    assert.deepEqual(matrix.read(1), { ...second, cols: 9 });
    assert.deepEqual(matrix.read(0), { ...first, cols: 9 });
    assert.deepEqual([...gatherBlocks(matrix).indptr], [0, 1, 1, 3, 3, 4]);
    assert.throws(() => matrix.read(2), RangeError);
  });

  it('leaves no file behind, whatever becomes of the process', async () => {
    const matrix = await spoolMatrix(folder, blocks(rowsOf([[1, 1]])));
    assert.deepEqual(await readdir(folder), []);
    assert.equal(matrix.read(0).values[0], 1);
  });

  it('of no rows has no blocks', async () => {
    const matrix = await spoolMatrix(folder, blocks());
    assert.deepEqual([matrix.rows, matrix.blockRows], [0, []]);
  });

  it('passes on what went wrong with its rows', async () => {
    async function* broken(): AsyncGenerator<SparseRows, number> {
      yield await Promise.resolve(rowsOf([[1, 1]]));
      throw new RangeError('no more rows');
    }
    await assert.rejects(spoolMatrix(folder, broken()), /no more rows/);
    assert.deepEqual(await readdir(folder), []);
  });
});
