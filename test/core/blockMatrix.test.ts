import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { gatherBlocks, selectBlockRows } from '../../core/blockMatrix.js';
import { fromCoo, selectRows } from '../../core/sparse.js';
import { blocksOfRows } from '../fakes/blocks.js';

const ROWS = 12;
const matrix = fromCoo(
  ROWS,
  5,
  Int32Array.of(0, 0, 2, 3, 3, 7, 11),
  Int32Array.of(1, 4, 0, 2, 3, 1, 4),
  Float32Array.of(1, 2, 3, 4, 5, 6, 7),
);

it('the chosen rows are those of the whole matrix, however it is cut', () => {
  const rows = fc.subarray(Array.from({ length: ROWS }, (_, i) => i)).map((some) => Int32Array.from(some));
  fc.assert(
    fc.property(rows, fc.integer({ min: 1, max: ROWS }), rows, (chosen, size, again) => {
      const blocks = selectBlockRows(blocksOfRows(matrix, size), chosen);
      assert.equal(blocks.rows, chosen.length);
      assert.equal(
        blocks.blockRows.reduce((sum, length) => sum + length, 0),
        chosen.length,
      );
      const wanted = selectRows(matrix, chosen);
      assert.deepEqual(gatherBlocks(blocks), wanted);
      const inner = again.filter((row) => row < chosen.length);
      assert.deepEqual(gatherBlocks(selectBlockRows(blocks, inner)), selectRows(wanted, inner));
    }),
  );
});

const refused = [
  { name: 'rows that do not ascend', rows: [3, 2] },
  { name: 'rows that go back to an earlier block', rows: [9, 1] },
  { name: 'a row that is asked for twice', rows: [4, 4] },
  { name: 'a row past the end', rows: [1, ROWS] },
];
for (const { name, rows } of refused) {
  it(`refuses ${name}`, () => {
    assert.throws(() => selectBlockRows(blocksOfRows(matrix, 5), Int32Array.from(rows)), RangeError);
  });
}
