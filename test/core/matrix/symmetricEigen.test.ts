import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { symmetricEigen } from '../../../core/matrix/symmetricEigen.js';

const near = (got: number, want: number, tolerance = 1e-12): void =>
  assert.ok(Math.abs(got - want) <= tolerance, `${got} is not ${want}`);

it('finds the eigenvalues of [[2, 1], [1, 2]]: 3 along (1, 1), 1 along (1, −1)', () => {
  const { values, vectors } = symmetricEigen(Float64Array.of(2, 1, 1, 2), 2);
  near(values[0]!, 3);
  near(values[1]!, 1);
  near(Math.abs(vectors[0]![0]! + vectors[0]![1]!), Math.SQRT2);
  near(vectors[1]![0]! + vectors[1]![1]!, 0);
});

it('knows the second difference matrix: 2 − 2 cos(kπ / (d + 1))', () => {
  const size = 6;
  const matrix = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    matrix[i * size + i] = 2;
    if (i > 0) matrix[i * size + i - 1] = matrix[(i - 1) * size + i] = -1;
  }
  const { values } = symmetricEigen(matrix, size);
  values.forEach((value, i) => near(value, 2 - 2 * Math.cos(((size - i) * Math.PI) / (size + 1))));
});

it('takes a matrix of one number, of zeros, and one with equal eigenvalues', () => {
  assert.deepEqual([...symmetricEigen(Float64Array.of(-4), 1).values], [-4]);
  assert.deepEqual([...symmetricEigen(new Float64Array(9), 3).values], [0, 0, 0]);
  assert.deepEqual([...symmetricEigen(Float64Array.of(5, 0, 0, 0, 5, 0, 0, 0, 5), 3).values], [5, 5, 5]);
});

it('gives back any symmetric matrix from its orthonormal vectors', () => {
  const symmetric = fc
    .integer({ min: 1, max: 9 })
    .chain((size) =>
      fc.array(fc.integer({ min: -9, max: 9 }), { minLength: size ** 2, maxLength: size ** 2 }),
    );
  fc.assert(
    fc.property(symmetric, (entries) => {
      const size = Math.sqrt(entries.length);
      const at = (i: number, j: number): number => entries[Math.max(i, j) * size + Math.min(i, j)]!;
      const matrix = Float64Array.from(entries, (_, p) => at(Math.floor(p / size), p % size));
      const { values, vectors } = symmetricEigen(matrix, size);
      for (let i = 0; i < size; i++) {
        for (let j = 0; j < size; j++) {
          const product = vectors.reduce((sum, vector, c) => sum + values[c]! * vector[i]! * vector[j]!, 0);
          near(product, at(i, j), 1e-10);
          const inner = vectors[i]!.reduce((sum, x, c) => sum + x * vectors[j]![c]!, 0);
          near(inner, Number(i === j), 1e-12);
        }
      }
      assert.deepEqual(
        [...values],
        [...values].sort((a, b) => b - a),
      );
    }),
  );
});
