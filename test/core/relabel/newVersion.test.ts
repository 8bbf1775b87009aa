import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ColumnSpec } from '../../../contracts/artifact.js';
import { Columns } from '../../../contracts/settings.js';
import { newVersion } from '../../../core/relabel/newVersion.js';

const columns: ColumnSpec[] = [
  { name: 'id', type: 'utf8' },
  { name: 'split', type: 'utf8' },
  { name: 'target', type: 'utf8' },
  { name: 'event_time', type: 'float64' },
  { name: 'title', type: 'utf8' },
  { name: 'price', type: 'float64' },
  { name: 'source.target', type: 'utf8' },
];
const batch = {
  rows: 3,
  columns: {
    id: ['a', 'b', 'c'],
    split: ['train', 'test', 'train'],
    target: ['cat', 'cat', 'dog'],
    event_time: Float64Array.of(1, 2, 3),
    title: ['one', null, 'three'],
    price: Float64Array.of(1.5, NaN, 3),
    'source.target': ['x', 'y', 'z'],
  },
};
const settings = {
  columns: Columns.parse({ target: 'kind', time: 'seen', text: ['title'], numeric: ['price'] }),
};
const stamp = { by: 'maria', at: '2026-11-24T09:00:00Z' };
const answers = new Map([
  ['a', { label: 'dog', line: 2, by: null, at: null }],
  ['c', { label: 'dog', line: 3, by: 'jo', at: '2026-11-01' }],
]);
const made = newVersion(batch, columns, settings, answers, stamp);

describe('the next version of a dataset', () => {
  it('has the verified labels, and says which were there before, who checked and when', () => {
    const { kind, label_before, label_verified_by, label_verified_at } = made.batch.columns;
    assert.deepEqual(kind, ['dog', 'cat', 'dog']);
    assert.deepEqual(label_before, ['cat', null, 'dog']);
    assert.deepEqual(label_verified_by, ['maria', null, 'jo']);
    assert.deepEqual(label_verified_at, [stamp.at, null, '2026-11-01']);
    assert.deepEqual([made.verified, made.changed], [2, 1]);
  });
  it('keeps every row and column as it was, under the names that the user gave them', () => {
    assert.deepEqual(made.columns.map(({ name }) => name).slice(0, 7), [
      'id',
      'split',
      'kind',
      'seen',
      'title',
      'price',
      'target',
    ]);
    assert.equal(made.batch.rows, 3);
    assert.deepEqual(made.batch.columns['title'], batch.columns.title);
    assert.deepEqual(made.batch.columns['price'], batch.columns.price);
    assert.deepEqual(made.batch.columns['target'], batch.columns['source.target']);
  });
  it('is read with ids and sides spelt out', () => {
    const { id, split, target } = made.dataset.columns;
    assert.deepEqual([id, split, target, made.dataset.split.by], ['id', 'split', 'kind', 'column']);
  });
  it('of a version that was checked before keeps both checks', () => {
    const earlier = {
      label_before: ['bird', null, null],
      label_verified_by: ['ann', null, null],
      label_verified_at: ['2026-10-01', null, null],
    };
    const names = Object.keys(earlier).map((name) => ({ name, type: 'utf8' as const }));
    const again = newVersion(
      { rows: 3, columns: { ...batch.columns, ...earlier } },
      [...columns, ...names],
      settings,
      answers,
      stamp,
    );
    assert.deepEqual(again.batch.columns['label_before'], ['bird | cat', null, 'dog']);
    assert.deepEqual(again.batch.columns['label_verified_by'], ['ann | maria', null, 'jo']);
    assert.equal(again.columns.filter(({ name }) => name === 'label_before').length, 1);
  });
});
