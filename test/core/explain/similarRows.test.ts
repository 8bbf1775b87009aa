import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { similarRows } from '../../../core/explain/similarRows.js';

/** Rows (1,0,0), (3,4,0), (0,0,2), (2,0,0). */
const matrix = {
  rows: 4,
  cols: 3,
  indptr: Int32Array.of(0, 1, 3, 4, 5),
  indices: Int32Array.of(0, 0, 1, 2, 0),
  values: Float32Array.of(1, 3, 4, 2, 2),
};
const all = Int32Array.of(0, 1, 2, 3);

describe('rows like another one', () => {
  it('come nearest first, without the row itself and without those that share nothing', () => {
    // cos((1,0,0), (2,0,0)) = 1; cos((1,0,0), (3,4,0)) = 3/5
    const found = similarRows({ kind: 'sparse', matrix }, 0, all, 5);
    assert.deepEqual(found, [
      { row: 3, cosine: 1 },
      { row: 1, cosine: 0.6 },
    ]);
  });
  it('are as many as asked for, of the candidates only', () => {
    assert.deepEqual(
      similarRows({ kind: 'sparse', matrix }, 0, Int32Array.of(1, 2), 1).map(({ row }) => row),
      [1],
    );
  });
  it('are the same for dense features', () => {
    const values = Float64Array.of(1, 0, 0, 3, 4, 0, 0, 0, 2, 2, 0, 0);
    const dense = { kind: 'dense', matrix: { rows: 4, cols: 3, values } } as const;
    assert.deepEqual(similarRows(dense, 0, all, 5), similarRows({ kind: 'sparse', matrix }, 0, all, 5));
  });
  it('of sequences share tokens, padding not counted', () => {
    const batch = { rows: 3, length: 3, vocabulary: 9, tokens: Int32Array.of(5, 5, 0, 5, 6, 0, 7, 0, 0) };
    const found = similarRows({ kind: 'sequence', batch }, 0, Int32Array.of(1, 2), 5);
    assert.equal(found.length, 1);
    assert.ok(Math.abs(found[0]!.cosine - 2 / (2 * Math.SQRT2)) < 1e-12); // (2,0)·(1,1) / (2·√2)
  });
  it('of a pair share tokens of either text', () => {
    const half = (tokens: number[]) => ({
      rows: 2,
      length: 1,
      vocabulary: 9,
      tokens: Int32Array.from(tokens),
    });
    const pair = { kind: 'pair', first: half([3, 4]), second: half([4, 3]) } as const;
    assert.ok(Math.abs(similarRows(pair, 0, Int32Array.of(1), 1)[0]!.cosine - 1) < 1e-12);
  });
});
