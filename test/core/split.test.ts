import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ConfigError, DataError } from '../../contracts/errors.js';
import {
  groupsOnSeveralSides,
  hashSplit,
  lastOfGroupSplit,
  stratifiedSplit,
  timeSplit,
  type Shares,
} from '../../core/split.js';

const SHARES: Shares = [0.7, 0.15, 0.15];
const ids = (n: number): string[] => Array.from({ length: n }, (_, i) => `id-${i}`);
const counts = (sides: Uint8Array): number[] =>
  [0, 1, 2].map((side) => sides.filter((s) => s === side).length);

describe('hash split', () => {
  it('never moves a row when rows are added', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), fc.array(fc.string()), fc.nat(), (before, added, seed) => {
        const alone = hashSplit(before, SHARES, seed);
        const together = hashSplit([...added, ...before], SHARES, seed);
        assert.deepEqual(together.slice(added.length), alone);
      }),
    );
  });
  it('holds its shares in expectation', () => {
    // 20,000 rows: four standard deviations of the validation share are 0.01
    const [train, validation, test] = counts(hashSplit(ids(20_000), SHARES, 42));
    assert.ok(Math.abs(train! / 20_000 - 0.7) < 0.013);
    assert.ok(Math.abs(validation! / 20_000 - 0.15) < 0.011);
    assert.ok(Math.abs(test! / 20_000 - 0.15) < 0.011);
  });
  it('gives nothing to a side without a share', () => {
    assert.equal(counts(hashSplit(ids(500), [0.8, 0.2, 0], 1))[2], 0);
    assert.equal(counts(hashSplit(ids(500), [1, 0, 0], 1))[0], 500);
  });
  it('depends on the seed', () => {
    assert.notDeepEqual(hashSplit(ids(100), SHARES, 1), hashSplit(ids(100), SHARES, 2));
  });
});

describe('stratified split', () => {
  it('gives every class its exact share', () => {
    const targets = [...Array<string>(100).fill('a'), ...Array<string>(20).fill('b')];
    const sides = stratifiedSplit({ ids: ids(120), targets, shares: SHARES, seed: 1 });
    assert.deepEqual(counts(sides.slice(0, 100)), [70, 15, 15]);
    assert.deepEqual(counts(sides.slice(100)), [14, 3, 3]);
  });
  it('does not depend on the order of rows', () => {
    const targets = ids(60).map((_, i) => i % 3);
    const forward = stratifiedSplit({ ids: ids(60), targets, shares: SHARES, seed: 5 });
    const backward = stratifiedSplit({
      ids: ids(60).reverse(),
      targets: [...targets].reverse(),
      shares: SHARES,
      seed: 5,
    });
    assert.deepEqual([...backward].reverse(), [...forward]);
  });
  it('keeps groups whole and comes close to the shares', () => {
    const groups = ids(300).map((_, i) => `g${i % 60}`); // 60 groups of 5
    const targets = ids(300).map((_, i) => (i % 60 < 30 ? 'a' : 'b'));
    const sides = stratifiedSplit({ ids: ids(300), targets, groups, shares: SHARES, seed: 1 });
    for (let i = 60; i < 300; i++) assert.equal(sides[i], sides[i % 60]);
    counts(sides).forEach((count, side) =>
      assert.ok(Math.abs(count - 300 * SHARES[side]!) <= 10, `side ${side}: ${count}`),
    );
  });
});

describe('time split', () => {
  it('trains on the oldest and tests on the newest', () => {
    const sides = timeSplit(Float64Array.from([9, 1, 5, 3, 7, 2, 8, 4, 6, 0]), [0.6, 0.2, 0.2]);
    assert.deepEqual([...sides], [2, 0, 0, 0, 1, 0, 2, 0, 1, 0]);
  });
  it('keeps rows of one instant together', () => {
    const sides = timeSplit(Float64Array.from([1, 1, 1, 1, 2, 2]), [0.5, 0.25, 0.25]);
    assert.deepEqual([...sides], [0, 0, 0, 0, 1, 1]);
  });
  it('puts a group where its newest row stands', () => {
    const sides = timeSplit(Float64Array.from([0, 9, 1, 2]), [0.5, 0.25, 0.25], ['u', 'u', 'v', 'w']);
    assert.equal(sides[0], sides[1]);
    assert.deepEqual([...sides], [1, 1, 0, 0]);
  });
  it('refuses a row without a time', () => {
    assert.throws(
      () => timeSplit(Float64Array.from([1, NaN]), SHARES),
      (error) => error instanceof DataError && /row 2/.test(error.message),
    );
  });
});

describe('the last events of each group', () => {
  // User u acts at 1, 2, 3 and 4; at 4 it takes one item and is shown another. User v acts twice, w once.
  const times = Float64Array.of(1, 2, 3, 4, 4, 7, 9, 5);
  const users = ['u', 'u', 'u', 'u', 'u', 'v', 'v', 'w'];
  const cases = [
    { last: { validation: 1, test: 1 }, want: [0, 0, 1, 2, 2, 0, 0, 0] },
    { last: { validation: 0, test: 1 }, want: [0, 0, 0, 2, 2, 0, 2, 0] },
    { last: { validation: 1, test: 2 }, want: [0, 1, 2, 2, 2, 0, 0, 0] },
    { last: { validation: 2, test: 2 }, want: [0, 0, 0, 0, 0, 0, 0, 0] },
  ];
  for (const { last, want } of cases) {
    it(`test and validate: ${last.test} and ${last.validation}; a group without more trains`, () =>
      assert.deepEqual([...lastOfGroupSplit(times, users, last)], want));
  }
  it('are found in any order of rows, and leave every group something to train on (property)', () => {
    const events = fc.array(fc.tuple(fc.constantFrom('u', 'v', 'w'), fc.nat(5)), { minLength: 1 });
    fc.assert(
      fc.property(events, fc.nat(2), fc.integer({ min: 1, max: 2 }), (rows, validation, test) => {
        const split = (given: typeof rows) =>
          lastOfGroupSplit(
            Float64Array.from(given, ([, time]) => time),
            given.map(([user]) => user),
            { validation, test },
          );
        const sides = split(rows);
        assert.deepEqual([...split([...rows].reverse())].reverse(), [...sides]);
        for (const user of new Set(rows.map(([name]) => name))) {
          const own = rows.flatMap(([name, time], i) => (name === user ? [{ time, side: sides[i]! }] : []));
          const trained = own.filter(({ side }) => side === 0);
          assert.ok(trained.length > 0);
          const newest = Math.max(...trained.map(({ time }) => time));
          assert.ok(own.every(({ time, side }) => side === 0 || time > newest));
        }
      }),
    );
  });
  it('need a time in every row', () =>
    assert.throws(
      () => lastOfGroupSplit(Float64Array.of(1, NaN), ['u', 'u'], { validation: 1, test: 1 }),
      /row 2/,
    ));
});

it('groups on several sides are counted, each once', () => {
  const groups = Int32Array.of(1, 1, 2, 2, 3, 3, 3);
  assert.equal(groupsOnSeveralSides(groups, [0, 0, 0, 1, 0, 1, 2]), 2);
  assert.equal(groupsOnSeveralSides(groups, [0, 0, 1, 1, 2, 2, 2]), 0);
});

it('shares that do not add up to 1 are refused', () => {
  for (const shares of [
    [0.7, 0.2, 0.2],
    [1.2, -0.2, 0],
    [NaN, 0.5, 0.5],
  ] as Shares[]) {
    assert.throws(() => hashSplit(['a'], shares, 1), ConfigError);
  }
});
