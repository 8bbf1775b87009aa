import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ConfigError, DataError } from '../../contracts/errors.js';
import { hashSplit, stratifiedSplit, timeSplit, type Shares } from '../../core/split.js';

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

it('shares that do not add up to 1 are refused', () => {
  for (const shares of [
    [0.7, 0.2, 0.2],
    [1.2, -0.2, 0],
    [NaN, 0.5, 0.5],
  ] as Shares[]) {
    assert.throws(() => hashSplit(['a'], shares, 1), ConfigError);
  }
});
