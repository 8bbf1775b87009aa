import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Columns } from '../../../contracts/settings.js';
import { categoryBins, numericBins } from '../../../core/drift/bins.js';
import { numericShift, profileRows, type Rows } from '../../../core/drift/profile.js';
import { once, TextTally } from '../../../core/drift/tallies.js';
import type { ColumnBatch } from '../../../contracts/table.js';
import { pickRows } from '../../../core/table.js';
import { sharedSlices, sliceShifts } from '../../../core/drift/slices.js';
import { seeded } from '../../../core/random.js';

/** Two bins at most, beside those of others and of what is missing. */
function tally(...texts: (string | null)[]): TextTally {
  const found = new TextTally(() => texts, 2);
  found.add({ rows: texts.length, columns: {} });
  return found;
}

describe('bins', () => {
  it('of numbers lie between deciles of the reference, which are values of it', () => {
    const { labels, count } = numericBins(Float64Array.from({ length: 100 }, (_, i) => i));
    assert.deepEqual([labels[0], labels[1], labels[9]], ['< 10', '10 … 20', '≥ 90']);
    assert.deepEqual(
      [...count([...once(Float64Array.of(9, 10, 95, -5, NaN)), [null, 1]])],
      [2, 1, 0, 0, 0, 0, 0, 0, 0, 1, 2],
    );
  });
  it('of numbers that are mostly one are fewer', () => {
    const values = Float64Array.from({ length: 20 }, (_, i) => (i === 0 ? 7 : 0));
    assert.deepEqual(numericBins(values).labels, ['< 0', '≥ 0', '(missing)']);
  });
  it('of nothing take anything', () => {
    assert.equal(
      numericBins(new Float64Array(0))
        .count(once(Float64Array.of(1, NaN)))
        .reduce((sum, n) => sum + n),
      2,
    );
    assert.deepEqual([...categoryBins(new Map()).count(tally('a', null).values())], [1, 1]);
  });
  it('of categories are the most frequent, of equals the first by name, then all others and what is missing', () => {
    const { labels, count } = tally('b', 'a', 'c', 'b', null).bins();
    assert.deepEqual(labels, ['b', 'a', '(other)', '(missing)']);
    assert.deepEqual([...count(tally('c', 'a', 'new', null, 'b').values())], [1, 1, 2, 1]);
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

const kept = (batch: ColumnBatch): Rows => ({ read: () => [batch] });
const compare = async (reference: ColumnBatch, now: ColumnBatch) =>
  (await profileRows(columns, kept(now), kept(reference))).shifts;

it('looks at target, lengths, words, numbers and categories', async () => {
  const { columns: profile, shifts } = await profileRows(columns, kept(table()));
  assert.deepEqual(shifts, []);
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

it('sees the same in rows that come batch by batch, one column at a time', async () => {
  const whole = table({}, 2);
  const asked: string[] = [];
  const inBatches: Rows = {
    async *read(wanted) {
      asked.push(wanted.join());
      for (let at = 0; at < whole.rows; at += 7)
        yield await Promise.resolve(
          pickRows(
            whole,
            Int32Array.from({ length: 7 }, (_, i) => at + i).filter((i) => i < whole.rows),
          ),
        );
    },
  };
  const reference = kept(table({ price: 1 }));
  assert.deepEqual(
    await profileRows(columns, inBatches, reference),
    await profileRows(columns, kept(whole), reference),
  );
  assert.deepEqual(asked, ['target', 'title', 'price', 'shop']);
});

it('another sample of the same is no drift', async () => {
  const shifts = await compare(table(), table({}, 2));
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
  it(`a change of ${name} is found there, and nowhere else`, async () => {
    const shifts = await compare(table(), table(change, 2));
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
