import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { CsrMatrix } from '../../../contracts/matrix.js';
import { nearestNeighbours } from '../../../core/audit/neighbours.js';
import { seeded } from '../../../core/random.js';

function sparse(rows: readonly (readonly number[])[]): CsrMatrix {
  const indptr = [0];
  const indices: number[] = [];
  const values: number[] = [];
  for (const row of rows) {
    row.forEach((value, column) => {
      if (value === 0) return;
      indices.push(column);
      values.push(value);
    });
    indptr.push(indices.length);
  }
  return {
    rows: rows.length,
    cols: rows[0]?.length ?? 0,
    indptr: Int32Array.from(indptr),
    indices: Int32Array.from(indices),
    values: Float32Array.from(values),
  };
}

const cosine = (a: readonly number[], b: readonly number[]): number => {
  const dot = (x: readonly number[], y: readonly number[]): number =>
    x.reduce((sum, value, i) => sum + value * y[i]!, 0);
  return 1 - dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
};

describe('nearestNeighbours', () => {
  it('lists the nearest first and leaves out rows that share no feature', () => {
    const matrix = sparse([
      [1, 0, 0],
      [1, 1, 0], // cosine distance to row 0: 1 − 1/√2
      [2, 0, 0], // the same direction as row 0
      [0, 0, 1], // alone
    ]);
    const { rows, distances } = nearestNeighbours(matrix, 3, seeded(1));
    assert.deepEqual([...rows.subarray(0, 3)], [2, 1, -1]);
    assert.ok(Math.abs(distances[0]!) < 1e-6 && Math.abs(distances[1]! - (1 - Math.SQRT1_2)) < 1e-6);
    assert.deepEqual([...rows.subarray(9, 12)], [-1, -1, -1]);
    assert.deepEqual([...distances.subarray(9, 12)], [1, 1, 1]);
  });

  it('agrees with comparing every pair', () => {
    const row = fc.array(fc.integer({ min: -2, max: 3 }), { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(fc.array(row, { minLength: 2, maxLength: 12 }), (rows) => {
        const found = nearestNeighbours(sparse(rows), 2, seeded(1));
        rows.forEach((own, i) => {
          const shares = (other: readonly number[]): boolean => other.some((v, c) => v !== 0 && own[c] !== 0);
          const wanted = rows
            .flatMap((other, j) => (i !== j && shares(other) ? [cosine(own, other)] : []))
            .sort((a, b) => a - b)
            .slice(0, 2);
          wanted.forEach((distance, slot) =>
            assert.ok(Math.abs(found.distances[i * 2 + slot]! - distance) < 1e-5),
          );
          const listed = [...found.rows.subarray(i * 2, i * 2 + 2)].filter((other) => other >= 0);
          assert.equal(listed.length, wanted.length);
          assert.ok(!listed.includes(i));
        });
      }),
    );
  });
});
