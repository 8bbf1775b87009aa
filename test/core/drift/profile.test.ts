import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Columns } from '../../../contracts/settings.js';
import { categoryBins, numericBins } from '../../../core/drift/bins.js';
import { compareTables, numericShift, profileTable } from '../../../core/drift/profile.js';
import { sharedSlices, sliceShifts } from '../../../core/drift/slices.js';
import { seeded } from '../../../core/random.js';

describe('bins', () => {
  it('of numbers lie between deciles of the reference, which are values of it', () => {
    const { labels, count } = numericBins(Float64Array.from({ length: 100 }, (_, i) => i));
    assert.deepEqual([labels[0], labels[1], labels[9]], ['< 10', '10 … 20', '≥ 90']);
    assert.deepEqual([...count([9, 10, 95, -5, NaN, null])], [2, 1, 0, 0, 0, 0, 0, 0, 0, 1, 2]);
  });
  it('of numbers that are mostly one are fewer', () => {
    const values = Float64Array.from({ length: 20 }, (_, i) => (i === 0 ? 7 : 0));
    assert.deepEqual(numericBins(values).labels, ['< 0', '≥ 0', '(missing)']);
  });
  it('of nothing take anything', () => {
    assert.equal(
      numericBins(new Float64Array(0))
        .count([1, NaN])
        .reduce((sum, n) => sum + n),
      2,
    );
    assert.deepEqual([...categoryBins([]).count(['a', null])], [1, 1]);
  });
  it('of categories are the most frequent, of equals the first by name, then all others and what is missing', () => {
    const { labels, count } = categoryBins(['b', 'a', 'c', 'b', null], 2);
    assert.deepEqual(labels, ['b', 'a', '(other)', '(missing)']);
    assert.deepEqual([...count(['c', 'a', 'new', null, 'b'])], [1, 1, 2, 1]);
  });
});

const columns = Columns.parse({ target: 'y', text: ['title'], numeric: ['price'], categorical: ['shop'] });
/** 400 rows; what is asked for is different. */
function table(changed: { price?: number; shop?: string; word?: string; target?: number } = {}, seed = 1) {
  const random = seeded(seed);
  const rows = 400;
  const each = <T>(make: () => T): T[] => Array.from({ length: rows }, make);
  return {
    rows,
    columns: {
      target: each(() => (random.next() < (changed.target ?? 0.5) ? 'yes' : 'no')),
      title: each(() => `${random.next() < 0.5 ? (changed.word ?? 'red') : 'blue'} shoe${random.below(3)}`),
      price: Float64Array.from(each(() => random.normal() + (changed.price ?? 0))),
      shop: each(() => (random.next() < 0.3 ? (changed.shop ?? 'north') : 'south')),
    },
  };
}

it('looks at target, lengths, words, numbers and categories', () => {
  const profile = profileTable(table(), columns);
  assert.deepEqual(
    profile.map(({ name, kind }) => `${name} (${kind})`),
    [
      'target (target)',
      'length of title (length)',
      'words of title (words)',
      'price (numeric)',
      'shop (category)',
    ],
  );
  for (const { name, counts, missing } of profile) {
    assert.equal(missing, 0, name);
    const want = name === 'words of title' ? 800 : 400;
    assert.equal(
      counts.reduce((sum, count) => sum + count, 0),
      want,
      name,
    );
  }
});

it('another sample of the same is no drift', () => {
  const shifts = compareTables(table(), table({}, 2), columns);
  assert.deepEqual(
    shifts.filter(({ level }) => level !== 'none'),
    [],
  );
});

const changes = [
  { name: 'price', change: { price: 1 } },
  { name: 'shop', change: { shop: 'east' } },
  { name: 'words of title', change: { word: 'green' } },
  { name: 'target', change: { target: 0.9 } },
];
for (const { name, change } of changes) {
  it(`a change of ${name} is found there, and nowhere else`, () => {
    const shifts = compareTables(table(), table(change, 2), columns);
    assert.equal(shifts[0]!.name, name);
    assert.equal(shifts[0]!.level, 'large');
    assert.ok(shifts.slice(1).every(({ level }) => level === 'none'));
  });
}

it('the importance of rows shifts like any number', () => {
  const random = seeded(3);
  const bits = (mean: number): Float64Array =>
    Float64Array.from({ length: 500 }, () => random.normal() + mean);
  const importance = { name: 'importance', kind: 'importance' } as const;
  assert.equal(numericShift(importance, bits(1), bits(1)).level, 'none');
  assert.equal(numericShift(importance, bits(1), bits(0)).level, 'large');
});

describe('slices of two tables', () => {
  it('come first that lost most; those with too few rows in either are left out', () => {
    const shop = { name: 'shop', values: ['a', 'a', 'b', 'b', null, 'c'], kind: 'categorical' } as const;
    const shifts = sliceShifts(
      { reference: Uint8Array.of(1, 1, 1, 0, 1, 1), current: Uint8Array.of(1, 0, 0, 0, 0, 1) },
      sharedSlices([shop], [shop], 2),
    );
    assert.deepEqual(
      shifts
        .filter(({ slice }) => slice.includes('='))
        .map(({ slice, change, current }) => [slice, change, current.rows]),
      [
        ['shop = a', -0.5, 2],
        ['shop = b', -0.5, 2],
      ],
    );
  });

  it('are cut by the same limits: a table of high prices has few rows where the other has many', () => {
    const prices = (from: number) => [
      { name: 'price', values: Array.from({ length: 100 }, (_, i) => from + i) },
    ];
    const slices = sharedSlices(prices(0), prices(50), 1);
    assert.deepEqual(
      slices.map(({ name, reference, current }) => [name, reference.length, current.length]),
      [
        ['49 < price ≤ 74', 25, 25],
        ['74 < price ≤ 99', 25, 25],
      ],
    );
    assert.deepEqual([slices[0]!.reference[0], slices[0]!.current[0]], [50, 0]);
  });
});
