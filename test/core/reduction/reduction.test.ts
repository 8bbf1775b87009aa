import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ReduceStep } from '../../../contracts/featureSettings.js';
import { fitProjection } from '../../../core/reduction/index.js';
import type { Projection } from '../../../core/reduction/reduction.js';
import { seeded } from '../../../core/random.js';
import { cases, inputOf, sparse } from './scikitLearn.js';

const project = ({ vectors, offsets }: Projection, row: readonly number[]): number[] =>
  vectors.map((vector, c) => row.reduce((sum, x, j) => sum + x * vector[j]!, 0) - offsets[c]!);

function assertClose(got: readonly number[], want: readonly number[], tolerance: number, what: string): void {
  assert.equal(got.length, want.length, what);
  got.forEach((value, i) =>
    assert.ok(Math.abs(value - want[i]!) <= tolerance, `${what}: ${value} at ${i} is not ${want[i]}`),
  );
}

const exact = { components: 3, tolerance: 1e-14 };
const svd: ReduceStep = { method: 'svd', ...exact };
const pca: ReduceStep = { method: 'pca', ...exact };
const lda: ReduceStep = { method: 'lda' };
const SINGLE = 2e-5; // values are stored in single precision

for (const wanted of cases) {
  describe(`scikit-learn on ${wanted.name}`, () => {
    for (const step of [svd, pca] as const) {
      it(`has the same ${step.method}, sign and all`, () => {
        const found = fitProjection(inputOf(wanted), step);
        const want = wanted[step.method as 'svd' | 'pca'];
        assertClose([...found.scales], want.scales, SINGLE, 'scales');
        wanted.x.forEach((row, i) => assertClose(project(found, row), want.rows[i]!, SINGLE, `row ${i}`));
      });
    }
    it('has the same discriminants, whatever rank the features have', () => {
      const found = fitProjection(inputOf(wanted), lda);
      const total = found.scales.reduce((sum, scale) => sum + scale, 0);
      assertClose(
        [...found.scales].map((scale) => scale / total),
        wanted.lda.ratio,
        SINGLE,
        'ratio',
      );
      wanted.x.forEach((row, i) => assertClose(project(found, row), wanted.lda.rows[i]!, 1e-4, `row ${i}`));
    });
  });
}

describe('the random start', () => {
  const random = seeded(3);
  const rows = Array.from({ length: 60 }, () =>
    Array.from({ length: 80 }, () => (random.next() < 0.1 ? random.below(5) : 0)),
  );
  const input = (seed: number) => ({ matrix: sparse(rows), targets: new Int32Array(60), outputs: 1, seed });
  const loose = (seed: number) =>
    fitProjection(input(seed), { method: 'svd', components: 5, tolerance: 1e-7 });

  it('gives the same bytes for the same seed', () => assert.deepEqual(loose(1), loose(1)));

  it('hardly matters: singular values agree within ten times the tolerance', () => {
    const [a, b] = [loose(1), loose(2)];
    assertClose([...a.scales], [...b.scales], 1e-6 * a.scales[0]!, 'singular values');
  });
});

it('gives no more components than there is rank', () => {
  const matrix = sparse([
    [1, 2, 3],
    [2, 4, 6],
    [3, 6, 9],
  ]);
  const one = { matrix, targets: Int32Array.of(0, 1, 1), outputs: 2, seed: 1 };
  assert.equal(fitProjection(one, svd).vectors.length, 1);
});

it('survives rows that are all alike', () => {
  const matrix = sparse([
    [1, 1],
    [1, 1],
  ]);
  const same = { matrix, targets: Int32Array.of(0, 1), outputs: 2, seed: 1 };
  assert.equal(fitProjection(same, pca).vectors.length, 0);
  assert.equal(fitProjection(same, lda).vectors.length, 0);
});

describe('discriminants are refused', () => {
  const wide = { indptr: new Int32Array(3), indices: new Int32Array(0), values: new Float32Array(0) };
  const tooWide = { rows: 2, cols: 1001, ...wide };
  const cases = [
    {
      name: 'for too many features',
      matrix: tooWide,
      outputs: 2,
      want: /at most 1000 features, got 1001; put .*svd/,
    },
    { name: 'for one class', matrix: sparse([[1], [2]]), outputs: 1, want: /two classes or more/ },
  ];
  for (const { name, matrix, outputs, want } of cases) {
    it(name, () => {
      const input = { matrix, targets: Int32Array.of(0, outputs - 1), outputs, seed: 1 };
      assert.throws(() => fitProjection(input, lda), want);
    });
  }
});
