import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fitBlock } from '../../../core/features/block.js';
import { hashed } from '../../../core/features/hashed.js';
import type { CsrMatrix } from '../../../contracts/matrix.js';

const batch = (...values: (string | null)[]) => ({ rows: values.length, columns: { user: values } });
const rowOf = ({ indptr, indices, values }: CsrMatrix, row: number): string =>
  JSON.stringify([
    [...indices.subarray(indptr[row], indptr[row + 1])],
    [...values.subarray(indptr[row], indptr[row + 1])],
  ]);
const block = hashed.learner(['user'], { buckets: 1_024 }).block();
const transform = hashed.transformer(block);

describe('hashed features', () => {
  it('have as many columns as buckets, whatever the values, and learn nothing', () => {
    assert.equal(block.features.length, 1_024);
    assert.deepEqual(fitBlock(hashed.learner(['user'], { buckets: 1_024 }), [batch('a', 'b')]), block);
    assert.equal(transform(batch('x')).cols, 1_024);
  });

  it('give a value the same place always, one entry of +1 or −1', () => {
    const matrix = transform(batch('u1', 'u2', 'u1'));
    assert.equal(rowOf(matrix, 0), rowOf(matrix, 2));
    assert.notEqual(rowOf(matrix, 0), rowOf(matrix, 1));
    assert.ok(matrix.values.every((value) => Math.abs(value) === 1));
    assert.equal(matrix.values.length, 3);
  });

  it('give values that training never saw a place too, and missing ones theirs', () => {
    const matrix = transform(batch(null, 'new'));
    assert.equal(matrix.values.length, 2);
    assert.notEqual(rowOf(matrix, 0), rowOf(matrix, 1));
  });

  it('tell equal values of two columns apart', () => {
    const both = hashed.transformer(hashed.learner(['user', 'item'], { buckets: 65_536 }).block());
    const matrix = both({ rows: 1, columns: { user: ['7'], item: ['7'] } });
    assert.equal(new Set(matrix.indices).size, 2);
  });

  it('spread over the buckets, and are fair: signs cancel on average', () => {
    const matrix = transform(batch(...Array.from({ length: 20_000 }, (_, i) => `user-${i}`)));
    const used = new Set(matrix.indices).size;
    const sum = matrix.values.reduce((total, value) => total + value, 0);
    assert.equal(used, 1_024);
    assert.ok(Math.abs(sum) < 4 * Math.sqrt(20_000), `${sum}`);
  });

  it('add up inside a row, in ascending order of buckets', () => {
    const tiny = hashed.transformer(hashed.learner(['a', 'b', 'c', 'd'], { buckets: 2 }).block());
    const { indices, indptr, values } = tiny({
      rows: 1,
      columns: { a: ['1'], b: ['1'], c: ['1'], d: ['1'] },
    });
    const own = [...indices.subarray(0, indptr[1])];
    assert.deepEqual(own, [...own].sort());
    assert.ok(own.length <= 2);
    const sum = values.reduce((total, value) => total + Math.abs(value), 0);
    assert.ok(sum <= 4 && sum % 2 === 0);
  });
});
