import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ColumnBatch } from '../../contracts/table.js';
import { gather, integers, numbers, pickRows, rowsBetween, texts, vectors } from '../../core/table.js';

const first: ColumnBatch = {
  rows: 2,
  columns: {
    name: ['a', null],
    code: Int32Array.of(1, 2),
    score: Float64Array.of(0.5, NaN),
    logits: { width: 2, values: Float64Array.of(1, 2, 3, 4) },
  },
};
const second: ColumnBatch = {
  rows: 1,
  columns: {
    name: ['c'],
    code: Int32Array.of(3),
    score: Float64Array.of(-1),
    logits: { width: 2, values: Float64Array.of(5, 6) },
  },
};

describe('batches of columns', () => {
  it('are gathered into one, types kept', async () => {
    const whole = await gather([first, second]);
    assert.equal(whole.rows, 3);
    assert.deepEqual(texts(whole, 'name'), ['a', null, 'c']);
    assert.deepEqual(integers(whole, 'code'), Int32Array.of(1, 2, 3));
    assert.deepEqual(numbers(whole, 'score'), Float64Array.of(0.5, NaN, -1));
    assert.deepEqual(vectors(whole, 'logits'), { width: 2, values: Float64Array.of(1, 2, 3, 4, 5, 6) });
  });

  for (let from = 0; from <= 4; from++) {
    for (let to = from; to <= 5; to++) {
      it(`give rows ${from} to ${to}, and batches before and behind are not kept`, async () => {
        const got: string[] = [];
        for await (const batch of rowsBetween([first, second, first], from, to)) {
          assert.equal(texts(batch, 'name').length, batch.rows);
          assert.ok(batch.rows > 0);
          got.push(...Array.from(integers(batch, 'code'), String));
        }
        assert.deepEqual(got, ['1', '2', '3', '1', '2'].slice(from, to));
      });
    }
  }

  it('give chosen rows in the order asked for, more than once if asked', async () => {
    const picked = pickRows(await gather([first, second]), Int32Array.of(2, 0, 2));
    assert.deepEqual(texts(picked, 'name'), ['c', 'a', 'c']);
    assert.deepEqual(integers(picked, 'code'), Int32Array.of(3, 1, 3));
    assert.deepEqual(vectors(picked, 'logits').values, Float64Array.of(5, 6, 1, 2, 5, 6));
  });

  it('without any row have empty columns of every type', async () => {
    const none = await gather([]);
    assert.equal(none.rows, 0);
    assert.deepEqual(
      [texts(none, 'x'), integers(none, 'x').length, numbers(none, 'x').length, vectors(none, 'x').width],
      [[], 0, 0, 0],
    );
  });

  const wrong = [
    { name: 'text asked of numbers', ask: () => texts(first, 'code'), want: /column code: expected text/ },
    {
      name: 'integers asked of text',
      ask: () => integers(first, 'name'),
      want: /column name: expected int32/,
    },
    {
      name: 'numbers asked of a column that is not there',
      ask: () => numbers(first, 'gone'),
      want: /column gone: expected float64/,
    },
    {
      name: 'vectors asked of numbers',
      ask: () => vectors(first, 'score'),
      want: /column score: expected float64\[\]/,
    },
  ];
  for (const { name, ask, want } of wrong) it(`refuse ${name}`, () => assert.throws(ask, want));
});
