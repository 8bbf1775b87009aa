import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { z } from 'zod';
import type { CsrMatrix } from '../../../contracts/matrix.js';
import { seeded } from '../../../core/random.js';
import { cartGrower, type CartSettings } from '../../../core/trees/cart.js';
import { columnTable, type FeatureInput } from '../../../core/trees/columns.js';
import { addLeaf, leafClass, type Tree } from '../../../core/trees/tree.js';
import { flat, readFixture, Rows } from '../../readFixture.js';
import { fromRows } from '../linear/cases.js';

const Case = z.object({
  name: z.string(),
  settings: z.object({ max_depth: z.int().optional(), criterion: z.literal('entropy').optional() }),
  x: Rows,
  y: z.array(z.int()),
  weights: z.array(z.number()),
  feature: z.array(z.int()),
  threshold: z.array(z.number()),
  probabilities: Rows,
});
const { cases } = readFixture('trees/cart', z.object({ cases: z.array(Case) }));

const defaults: CartSettings = {
  criterion: 'gini',
  maxDepth: Infinity,
  minSamplesLeaf: 0,
  maxFeatures: Infinity,
  randomTies: false,
};

const dense = (rows: readonly (readonly number[])[]): FeatureInput => ({
  kind: 'dense',
  matrix: { rows: rows.length, cols: rows[0]!.length, values: flat(rows) },
});

function grow(
  input: FeatureInput,
  targets: readonly number[],
  {
    weights = targets.map(() => 1),
    outputs = Math.max(...targets) + 1,
    categorical = [] as number[],
    settings = {} as Partial<CartSettings>,
  } = {},
): Tree {
  const table = columnTable(input, Int32Array.from(targets.keys()), categorical);
  const grower = cartGrower(table, Int32Array.from(targets), outputs);
  return grower.grow(Float64Array.from(weights), { ...defaults, ...settings }, seeded(1));
}

const guesses = (tree: Tree, rows: readonly (readonly number[])[]): number[] =>
  rows.map((row) => leafClass(tree, Float64Array.from(row)));

describe('a tree beside scikit-learn', () => {
  for (const { name, settings, x, y, weights, feature, threshold, probabilities } of cases) {
    const { max_depth: maxDepth = Infinity, criterion = 'gini' } = settings;
    const outputs = probabilities[0]!.length;
    const tree = grow(dense(x), y, { weights, settings: { maxDepth, criterion } });

    it(`divides alike, node by node: ${name}`, () => {
      assert.deepEqual([...tree.feature], feature);
      feature.forEach((split, node) => {
        if (split >= 0) assert.equal(tree.threshold[node], threshold[node]);
      });
    });

    it(`gives the same probabilities: ${name}`, () => {
      x.forEach((row, i) => {
        const sums = new Float64Array(outputs);
        addLeaf(tree, Float64Array.from(row), sums, 0);
        sums.forEach((p, k) => assert.ok(Math.abs(p - probabilities[i]![k]!) < 1e-15));
      });
    });
  }
});

/** Features of about one value in four other than 0, some below it, some missing. */
function holes(seed: number, n: number, d: number): number[][] {
  const random = seeded(seed, 'holes');
  return Array.from({ length: n }, () =>
    Array.from({ length: d }, () => {
      if (random.next() < 0.8) return 0;
      return random.next() < 0.2 ? NaN : Math.fround(random.normal());
    }),
  );
}

describe('a tree on sparse features', () => {
  it('is the tree on the same features, dense', () => {
    for (const seed of [1, 2, 3]) {
      const rows = holes(seed, 200, 6);
      const random = seeded(seed, 'targets');
      const targets = rows.map((row) => ((row[0] || 0) + (row[1] || 0) > 0 ? 1 : random.below(3)));
      const weights = rows.map(() => 1 + random.below(3));
      const matrix: CsrMatrix = fromRows(rows);
      const sparse = grow({ kind: 'sparse', matrix }, targets, { weights });
      // A constant shifts every value from 0, and with it the thresholds: nothing is sparse any more.
      const shifted = grow(dense(rows.map((row) => row.map((v) => v + 64))), targets, { weights });
      assert.deepEqual(
        guesses(sparse, rows),
        guesses(
          shifted,
          rows.map((row) => row.map((v) => v + 64)),
        ),
      );
      assert.deepEqual(sparse.feature, shifted.feature);
      assert.deepEqual(sparse.flags, shifted.flags);
    }
  });
});

describe('a tree', () => {
  const line = [[0], [1], [2], [3]];

  it('sends missing values to the side where they help', () => {
    const rows = [[1], [2], [3], [NaN], [NaN], [4]];
    for (const targets of [
      [0, 0, 1, 0, 0, 1],
      [0, 0, 1, 1, 1, 1],
    ]) {
      const tree = grow(dense(rows), targets);
      assert.deepEqual(guesses(tree, rows), targets);
      assert.equal(tree.feature.filter((f) => f >= 0).length, 1);
    }
  });

  it('tells missing values from all others', () => {
    const rows = [[1], [NaN], [2], [NaN]];
    assert.deepEqual(guesses(grow(dense(rows), [0, 1, 0, 1]), rows), [0, 1, 0, 1]);
  });

  it('divides categories by set, in one split', () => {
    const rows = [[0], [1], [2], [3], [4], [200], [0], [200]];
    const targets = [1, 0, 1, 0, 1, 0, 1, 0];
    const tree = grow(dense(rows), targets, { categorical: [0] });
    assert.equal(tree.feature.filter((f) => f >= 0).length, 1);
    assert.deepEqual(guesses(tree, rows), targets);
  });

  it('finds the best set of categories of two classes', () => {
    const random = seeded(5);
    const rows = Array.from({ length: 120 }, () => [random.below(6)]);
    const targets = rows.map(([code]) => Number(random.next() < [0.1, 0.9, 0.4, 0.6, 0.2, 0.7][code!]!));
    const tree = grow(dense(rows), targets, { categorical: [0], settings: { maxDepth: 1 } });
    const impurity = (left: (code: number) => boolean): number => {
      let sum = 0;
      for (const side of [true, false]) {
        const own = targets.filter((_, i) => left(rows[i]![0]!) === side);
        const ones = own.filter((target) => target === 1).length;
        if (own.length > 0) sum += (2 * ones * (own.length - ones)) / own.length;
      }
      return sum;
    };
    let best = Infinity;
    for (let set = 1; set < 63; set++)
      best = Math.min(
        best,
        impurity((code) => (set >> code) % 2 === 1),
      );
    const found = impurity((code) => ((tree.sets[0]! >> code) & 1) === 1);
    assert.ok(Math.abs(found - best) < 1e-9);
  });

  it('divides where one feature alone tells nothing', () => {
    const rows = [
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
    ];
    assert.deepEqual(guesses(grow(dense(rows), [0, 1, 1, 0]), rows), [0, 1, 1, 0]);
  });

  it('takes a weight of 2 for a row that is there twice', () => {
    const rows = [
      [1, 5],
      [2, 3],
      [3, 8],
      [4, 1],
      [5, 2],
      [6, 9],
    ];
    const targets = [0, 1, 0, 1, 1, 0];
    const settings = { maxDepth: 1 };
    const weighted = grow(dense(rows), targets, { weights: [1, 2, 1, 2, 1, 1], settings });
    const twice = grow(dense([...rows, rows[1]!, rows[3]!]), [...targets, 1, 1], { settings });
    assert.deepEqual(weighted, twice);
  });

  it('leaves no leaf with less weight than it is told', () => {
    const tree = grow(dense(line), [0, 1, 1, 1], { weights: [1, 1, 1, 1], settings: { minSamplesLeaf: 2 } });
    assert.deepEqual([tree.feature[0], tree.threshold[0], tree.feature.length], [0, 1.5, 3]);
  });

  it('is a leaf where all rows are alike', () => {
    const tree = grow(dense([[1], [1], [1]]), [0, 1, 1]);
    assert.equal(tree.feature.length, 1);
    assert.deepEqual([...tree.leafValue], [1 / 3, 2 / 3]);
  });

  it('refuses what is no code of a category', () => {
    for (const wrong of [-1, 0.5, 255]) {
      assert.throws(() => grow(dense([[1], [wrong]]), [0, 1], { categorical: [0] }), {
        name: 'ConfigError',
        message: new RegExp(`got ${wrong}`),
      });
    }
    assert.throws(() => grow(dense(line), [0, 1, 0, 1], { categorical: [1] }), /below 1, got 1/);
  });
});
