import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CsrMatrix } from '../../contracts/matrix.js';
import { fromCoo, hstack, rowIndices, selectRows, transpose, vstack } from '../../core/sparse.js';
import { fromRows } from './linear/cases.js';

const toRows = ({ rows, cols, indptr, indices, values }: CsrMatrix): number[][] =>
  Array.from({ length: rows }, (_, row) => {
    const dense = new Array<number>(cols).fill(0);
    for (let p = indptr[row]!; p < indptr[row + 1]!; p++) dense[indices[p]!] = values[p]!;
    return dense;
  });

const a = fromRows([
  [1, 0, 2],
  [0, 0, 0],
  [0, 3, 0],
]);

it('selects rows in the order asked for, again and again', () => {
  assert.deepEqual(toRows(selectRows(a, Int32Array.of(2, 0, 2))), [
    [0, 3, 0],
    [1, 0, 2],
    [0, 3, 0],
  ]);
});

it('puts matrices side by side, and one below the other', () => {
  const b = fromRows([[5], [0], [6]]);
  assert.deepEqual(toRows(hstack([a, b])), [
    [1, 0, 2, 5],
    [0, 0, 0, 0],
    [0, 3, 0, 6],
  ]);
  assert.deepEqual(toRows(vstack([a, fromRows([[7, 0, 0]])])), [...toRows(a), [7, 0, 0]]);
});

it('turns a matrix over', () => {
  assert.deepEqual(toRows(transpose(a)), [
    [1, 0, 0],
    [0, 0, 3],
    [2, 0, 0],
  ]);
});

it('comes back from coordinates, in whatever order they are', () => {
  const [rows, cols, values] = [rowIndices(a).toReversed(), a.indices.toReversed(), a.values.toReversed()];
  assert.deepEqual(fromCoo(3, 3, rows, cols, values), a);
});

describe('refuses', () => {
  const one = Float32Array.of(1);
  const cases = [
    {
      name: 'a row outside',
      run: () => selectRows(a, Int32Array.of(3)),
      message: /row 3 of a matrix of 3 rows/,
    },
    {
      name: 'sides of other heights',
      run: () => hstack([a, fromRows([[1]])]),
      message: /3 rows, got one of 1/,
    },
    { name: 'nothing', run: () => vstack([]), message: /at least one matrix/ },
    {
      name: 'an entry outside',
      run: () => fromCoo(1, 1, Int32Array.of(0), Int32Array.of(1), one),
      message: /entry 0 is at \(0, 1\), outside 1 × 1/,
    },
    {
      name: 'an entry given twice',
      run: () => fromCoo(1, 1, Int32Array.of(0, 0), Int32Array.of(0, 0), Float32Array.of(1, 2)),
      message: /\(0, 0\) is given twice/,
    },
  ];
  for (const { name, run, message } of cases) it(name, () => assert.throws(run, message));
});
