import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inferRoles } from '../../../core/ingest/inferRoles.js';

const table = (header: string, ...rows: string[]) => ({
  header: header.split(','),
  rows: rows.map((row) => row.split(',').map((cell) => (cell === '' ? null : cell))),
});
const rolesOf = (header: string, rows: string[], taken: string[] = []) => {
  const given = table(header, ...rows);
  return inferRoles(given.header, given.rows, taken);
};

describe('the parts that columns play beside features', () => {
  const splits = [
    { words: ['train', 'validation', 'test'], want: ['train', 'validation', 'test'] },
    { words: ['Train', 'dev', 'Test'], want: ['Train', 'dev', 'Test'] },
    { words: ['train', 'test', 'train'], want: ['train', 'validation', 'test'] },
  ];
  for (const { words, want } of splits) {
    it(`reads ${words.join(', ')} as sides`, () => {
      const { split } = rolesOf(
        'text,part',
        words.map((word) => `a,${word}`),
      );
      assert.equal(split?.column, 'part');
      assert.deepEqual(Object.values(split.sides), want);
    });
  }

  for (const words of [
    ['train', 'bus', 'test'],
    ['validation', 'test'],
    ['train', 'train'],
  ]) {
    it(`does not read ${words.join(', ')} as sides`, () => {
      assert.equal(
        rolesOf(
          'text,part',
          words.map((word) => `a,${word}`),
        ).split,
        undefined,
      );
    });
  }

  it('takes a column of ISO dates as time, and no column of whole numbers', () => {
    const rows = ['3,2026-11-01', '4,2026-11-02T10:00:00Z', '5,'];
    assert.equal(rolesOf('count,when', rows).time, 'when');
    assert.equal(rolesOf('count,other', ['3,x', '4,y']).time, undefined);
  });

  it('takes a repeated user, query or product as group, and no column of which each value is there once', () => {
    assert.equal(rolesOf('customer_id,text', ['7,a', '7,b', '8,c']).group, 'customer_id');
    assert.equal(rolesOf('productId,text', ['7,a', '8,b', '9,c']).group, undefined);
    assert.equal(rolesOf('shop,text', ['7,a', '7,b', '8,c']).group, undefined);
  });

  it('leaves alone what plays another part', () => {
    assert.equal(rolesOf('user,text', ['7,a', '7,b'], ['user']).group, undefined);
  });
});
