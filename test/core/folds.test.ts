import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { groupedStratifiedFolds, unionGroups } from '../../core/folds.js';
import { DataError } from '../../contracts/errors.js';

const range = (n: number): Int32Array => Int32Array.from({ length: n }, (_, i) => i);
const cut = (targets: number[], folds: number, groups = [...range(targets.length)], classes?: string[]) =>
  groupedStratifiedFolds({
    rows: range(targets.length),
    targets: Int32Array.from(targets),
    groups: Int32Array.from(groups),
    folds,
    seed: 1,
    ...(classes === undefined ? {} : { classes }),
  });

describe('grouped stratified folds', () => {
  it('never splits a group and puts every row in a fold', () => {
    const sample = fc.record({ target: fc.nat(3), group: fc.nat(20) });
    fc.assert(
      fc.property(fc.array(sample, { minLength: 30, maxLength: 120 }), fc.nat(), (samples, seed) => {
        const groups = Int32Array.from(samples, ({ group }) => group);
        fc.pre(new Set(groups).size >= 3);
        const targets = Int32Array.from(samples, ({ target }) => target);
        const rows = range(samples.length);
        const folds = groupedStratifiedFolds({
          rows,
          targets,
          groups,
          folds: 3,
          seed,
          missingClass: 'allow',
        });
        assert.equal(folds.length, samples.length);
        assert.deepEqual([...new Set(folds)].sort(), [0, 1, 2]);
        const foldOf = new Map<number, number>();
        groups.forEach((group, row) => {
          assert.equal(folds[row], foldOf.get(group) ?? folds[row]);
          foldOf.set(group, folds[row]!);
        });
      }),
    );
  });

  it('balances sizes and classes of single rows to within one', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(2), { minLength: 40, maxLength: 200 }),
        fc.integer({ min: 2, max: 6 }),
        (targets, k) => {
          fc.pre([0, 1, 2].every((c) => targets.filter((target) => target === c).length >= k));
          const folds = cut(targets, k);
          const spreadOf = (keep: (row: number) => boolean): number => {
            const counts = [...range(k)].map(
              (fold) => folds.filter((f, row) => f === fold && keep(row)).length,
            );
            return Math.max(...counts) - Math.min(...counts);
          };
          for (const c of [0, 1, 2]) assert.ok(spreadOf((row) => targets[row] === c) <= 1);
          assert.ok(spreadOf(() => true) <= 3);
        },
      ),
    );
  });

  it('is decided by the seed alone', () => {
    const targets = [...range(50)].map((row) => row % 4);
    assert.deepEqual(cut(targets, 5), cut(targets, 5));
  });

  it('assigns only the given rows', () => {
    const targets = Int32Array.from([0, 0, 1, 1, 0, 1]);
    const rows = Int32Array.from([1, 2, 4, 5]);
    const folds = groupedStratifiedFolds({ rows, targets, groups: range(6), folds: 2, seed: 3 });
    assert.equal(folds.length, 4);
    assert.deepEqual(
      [0, 1].map((f) => folds.filter((fold) => fold === f).length),
      [2, 2],
    );
  });

  it('spreads a class with fewer rows than folds', () => {
    const folds = cut([0, 0, 0, 0, 0, 0, 0, 0, 1, 1], 5);
    assert.notEqual(folds[8], folds[9]);
  });

  const failures = [
    {
      name: 'more folds than samples',
      run: () => cut([0, 1], 3),
      message: /3 folds need at least 3 independent groups.*found 2/,
    },
    {
      name: 'more folds than groups',
      run: () => cut([0, 1, 0, 1], 3, [7, 7, 9, 9]),
      message: /found 2 \(4 rows/,
    },
    { name: 'one fold', run: () => cut([0, 1], 1), message: /at least 2, got 1/ },
    {
      name: 'a class with a single row',
      run: () => cut([0, 0, 0, 1], 2, undefined, ['plenty', 'rare']),
      message: /the class "rare" has 1 row\(s\) in 1 independent group/,
    },
    {
      name: 'a class within a single group',
      run: () => cut([0, 0, 0, 1, 1], 2, [0, 1, 2, 3, 3], ['plenty', 'rare']),
      message: /the class "rare" has 2 row\(s\) in 1 independent group/,
    },
  ];
  for (const { name, run, message } of failures) {
    it(`refuses ${name}`, () => {
      assert.throws(run, (error) => error instanceof DataError && message.test(error.message));
    });
  }
});

describe('union of groups', () => {
  it('joins rows that share either number, directly or through others', () => {
    const joined = unionGroups(Int32Array.from([5, 5, 6, 7, 8]), Int32Array.from([0, 1, 1, 2, 3]));
    assert.deepEqual([...joined], [0, 0, 0, 1, 2]);
  });
  it('refuses columns of two lengths', () => {
    assert.throws(() => unionGroups(range(2), range(3)), RangeError);
  });
});
