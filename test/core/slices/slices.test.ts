import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SliceSummary } from '../../../contracts/summary.js';
import { seeded } from '../../../core/random.js';
import { enumerateSlices, type SliceColumn } from '../../../core/slices/enumerateSlices.js';
import { findSlices } from '../../../core/slices/findSlices.js';

const names = (columns: SliceColumn[], minSupport = 1, pairs = false): string[] =>
  enumerateSlices({ columns, minSupport, pairs }).map(({ name, rows }) => `${name}: ${rows.length}`);

describe('slices', () => {
  it('are quartiles of a number', () => {
    const values = [1, 2, 3, 4, 5, 6, 7, 8];
    assert.deepEqual(names([{ name: 'price', values }]), [
      'price ≤ 2: 2',
      '2 < price ≤ 4: 2',
      '4 < price ≤ 6: 2',
      'price > 6: 2',
    ]);
  });
  it('are fewer where quartiles coincide', () => {
    assert.deepEqual(names([{ name: 'price', values: [1, 1, 1, 1, 1, 9] }]), [
      'price ≤ 1: 5',
      'price > 1: 1',
    ]);
  });
  it('are none of values that are all alike', () => {
    assert.deepEqual(names([{ name: 'price', values: [3, 3, null] }]), ['price is missing: 1']);
    assert.deepEqual(names([{ name: 'title', values: ['ab', 'cd', null], kind: 'text' }]), [
      'title is missing: 1',
    ]);
  });
  it('are lengths of texts that hardly repeat, however few there are', () => {
    const queries = ['red shoe', 'red shoe for men', 'lamp', 'desk lamp with usb'];
    assert.equal(names([{ name: 'query', values: queries }])[0], 'query length ≤ 1 words: 1');
  });
  it('are the values of a category, missing ones too', () => {
    assert.deepEqual(names([{ name: 'kind', values: ['b', 'a', null, 'a', ''] }]), [
      'kind = a: 2',
      'kind = b: 1',
      'kind is missing: 2',
    ]);
  });
  it('are the tail and head of a category with many values', () => {
    const values = [...Array<string>(8).fill('common'), 'x', 'y'];
    assert.deepEqual(names([{ name: 'kind', values }], 2), [
      'kind = common: 8',
      'kind is rare: 2',
      'kind is frequent: 8',
    ]);
  });
  it('are lengths of text, in words or in characters', () => {
    const words = ['a b', 'a b c', 'a b c d', 'a b c d e'];
    assert.equal(names([{ name: 'title', values: words, kind: 'text' }])[0], 'title length ≤ 2 words: 1');
    const chinese = ['好', '很好', '非常好', '质量很好'];
    assert.equal(
      names([{ name: 'review', values: chinese, kind: 'text' }])[0],
      'review length ≤ 1 characters: 1',
    );
  });
  it('have enough rows, but never all', () => {
    assert.deepEqual(names([{ name: 'kind', values: ['a', 'a', 'a'] }]), []);
    assert.deepEqual(names([{ name: 'kind', values: ['a', 'a', 'b'] }], 2), ['kind = a: 2']);
  });
  it('overlap in pairs of two columns, where that is another set of rows', () => {
    const columns = [
      { name: 'kind', values: ['a', 'a', 'b', 'b'] },
      { name: 'shop', values: ['x', 'y', 'x', 'x'] },
    ];
    const pairs = enumerateSlices({ columns, minSupport: 1, pairs: true }).filter(({ parents }) => parents);
    assert.deepEqual(
      pairs.map(({ name, rows }) => [name, ...rows]),
      [['kind = a and shop = x', 0]],
    );
  });
});

describe('weak slices', () => {
  const n = 2000;
  const random = seeded(9);
  const kind = Array.from({ length: n }, () => `k${random.below(10)}`);
  const shop = Array.from({ length: n }, () => `s${random.below(4)}`);
  const ones = Int32Array.from({ length: n }, (_, i) => i);
  const input = {
    columns: [
      { name: 'kind', values: kind },
      { name: 'shop', values: shop },
    ],
    groups: ones,
    minSupport: 20,
    seed: 1,
    limit: 5,
    bootstraps: 200,
  };
  const drawn = (chance: (row: number) => number): Float64Array =>
    Float64Array.from({ length: n }, (_, row) => (random.next() < chance(row) ? 1 : 0));

  it('lead with the one that was made weak', () => {
    const merits = drawn((row) => (kind[row] === 'k3' ? 0.6 : 0.9));
    const found = findSlices({ ...input, merits: { uniform: merits, weighted: merits }, pairs: false });
    assert.equal(found[0]!.name, 'kind = k3');
    assert.ok(found[0]!.weighted.high < 0.8 && found[0]!.weighted.low > 0.45);
    found.forEach((slice) => SliceSummary.parse(slice));
  });
  it('name an overlap where only that is weak', () => {
    const merits = drawn((row) => (kind[row] === 'k3' && shop[row] === 's1' ? 0.2 : 0.9));
    const found = findSlices({ ...input, merits: { uniform: merits, weighted: merits }, pairs: true });
    assert.equal(found[0]!.name, 'kind = k3 and shop = s1');
  });
  it('do not name an overlap that is only as weak as its parts', () => {
    const merits = drawn((row) => (kind[row] === 'k3' ? 0.6 : 0.9));
    const found = findSlices({ ...input, merits: { uniform: merits, weighted: merits }, pairs: true });
    assert.equal(found[0]!.name, 'kind = k3');
    assert.ok(!found.some(({ name }) => name.includes('kind = k3 and')));
  });
  it('rank a large weak slice before a tiny one with bad luck', () => {
    const values = Array.from({ length: n }, (_, i) => (i < 25 ? 'tiny' : i < 625 ? 'large' : 'rest'));
    const merits = Float64Array.from({ length: n }, (_, i) => {
      if (i < 25) return i < 18 ? 1 : 0; // 0.72 of 25
      return i < 625 ? (i % 4 === 0 ? 0 : 1) : i % 20 === 0 ? 0 : 1; // 0.75 of 600; 0.95
    });
    const columns = [{ name: 'part', values }];
    const found = findSlices({
      ...input,
      columns,
      merits: { uniform: merits, weighted: merits },
      pairs: false,
    });
    assert.deepEqual(
      found.map(({ name }) => name),
      ['part = large', 'part = tiny'],
    );
  });
  it('are the same twice', () => {
    const merits = drawn(() => 0.8);
    const run = () => findSlices({ ...input, merits: { uniform: merits, weighted: merits }, pairs: true });
    assert.deepEqual(run(), run());
  });
});
