import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { effectiveSampleSize, weigh } from '../../../core/weighting/index.js';

const close = (actual: number, expected: number, tolerance = 1e-9): void =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not ${expected}`);
const closeTo = (actual: Float64Array, expected: readonly number[]): void => {
  assert.equal(actual.length, expected.length);
  expected.forEach((want, i) => close(actual[i]!, want));
};
const mean = (values: Float64Array): number => values.reduce((a, b) => a + b, 0) / values.length;

describe('effective sample size', () => {
  const cases = [
    { name: 'is all of n for equal weights', weights: [3, 3, 3, 3], want: 1 },
    { name: 'is 1/n where one sample has all', weights: [0, 5, 0, 0], want: 1 / 4 },
    { name: 'is (1+3)²/(1+9)/2 for weights 1 and 3', weights: [1, 3], want: 16 / 10 / 2 },
    { name: 'is 0 where nothing weighs anything', weights: [0, 0], want: 0 },
    { name: 'does not overflow', weights: [1e300, 1e300], want: 1 },
  ];
  for (const { name, weights, want } of cases) {
    it(name, () => close(effectiveSampleSize(Float64Array.from(weights)), want));
  }
});

describe('weighing', () => {
  it('brings the mean to 1', () => closeTo(weigh(Float64Array.of(1, 3, 0, 4)).weights, [0.5, 1.5, 0, 2]));

  it('makes zeros uniform, and says so', () => {
    const weighing = weigh(new Float64Array(3));
    assert.deepEqual([...weighing.weights], [1, 1, 1]);
    assert.equal(weighing.fellBackToUniform, true);
    assert.equal(weighing.rawEffectiveSampleSize, 0);
  });

  it('lets three copies weigh as much as one sample', () => {
    const weighing = weigh(Float64Array.of(1, 1, 1, 1), { clusters: Int32Array.of(7, 7, 7, 2) });
    closeTo(weighing.weights, [2 / 3, 2 / 3, 2 / 3, 2]); // 1/3 each beside 1, times 4 / 2
    assert.equal(weighing.cappedClusters, 1);
    close(weighing.clusterLimit, 2);
  });

  it('keeps the proportions inside a capped cluster', () => {
    const { weights } = weigh(Float64Array.of(1, 3, 2), {
      clusters: Int32Array.of(1, 1, 2),
      duplicateCap: 1,
    });
    closeTo(weights, [3 / 8, 9 / 8, 3 / 2]); // mean 2: 1/2, 3/2, 1; capped 1/4, 3/4, 1; times 3/2
  });

  it('does not cap a single sample', () => {
    const { weights, cappedClusters } = weigh(Float64Array.of(1, 7), { clusters: Int32Array.of(1, 2) });
    closeTo(weights, [0.25, 1.75]);
    assert.equal(cappedClusters, 0);
  });

  it('leaves weights alone where the effective sample size is above its floor', () => {
    const weighing = weigh(Float64Array.of(1, 3), { minEffectiveSampleSize: 0.79 });
    assert.equal(weighing.mixedWithUniform, 0);
    closeTo(weighing.weights, [0.5, 1.5]);
  });

  it('mixes with uniform just as far as the floor asks', () => {
    // Weights 1 ± d have 1/(1 + d²); the floor 0.9 asks for d = 1/3, of 1: λ = 2/3.
    const weighing = weigh(Float64Array.of(0, 2), { minEffectiveSampleSize: 0.9 });
    close(weighing.mixedWithUniform, 2 / 3, 1e-6);
    close(weighing.weights[0]!, 2 / 3, 1e-6);
    close(weighing.rawEffectiveSampleSize, 0.5);
  });

  it('gives up the cap where nearly all samples are duplicates and the floor is high, and says so', () => {
    const clusters = Int32Array.from({ length: 40 }, (_, i) => (i < 38 ? 0 : i));
    const raw = Float64Array.from(clusters, (_, i) => i + 1);
    const weighing = weigh(raw, { clusters, minEffectiveSampleSize: 0.9 });
    assert.equal(weighing.capGivenUp, true);
    assert.equal(weighing.clusterLimit, Infinity);
    assert.ok(weighing.effectiveSampleSize >= 0.9);
  });

  it('takes no sample at all', () => assert.equal(weigh(new Float64Array()).weights.length, 0));

  const refused = [
    { name: 'a negative weight', run: () => weigh(Float64Array.of(1, -1)), message: /weights\[1\].*-1/ },
    { name: 'NaN', run: () => weigh(Float64Array.of(Number.NaN)), message: /weights\[0\].*NaN/ },
    { name: 'Infinity', run: () => weigh(Float64Array.of(Infinity)), message: /weights\[0\].*Infinity/ },
    {
      name: 'clusters of another length',
      run: () => weigh(Float64Array.of(1, 1), { clusters: Int32Array.of(1) }),
      message: /clusters: expected 2.*got 1/,
    },
    {
      name: 'a cap of 0',
      run: () => weigh(Float64Array.of(1), { duplicateCap: 0 }),
      message: /duplicateCap/,
    },
    {
      name: 'a floor above 1',
      run: () => weigh(Float64Array.of(1), { minEffectiveSampleSize: 1.1 }),
      message: /minEffectiveSampleSize.*1.1/,
    },
  ];
  for (const { name, run, message } of refused) {
    it(`refuses ${name}`, () => assert.throws(run, { name: 'RangeError', message }));
  }
});

describe('weighing anything', () => {
  const rawWeight = fc.oneof(
    fc.constant(0),
    fc.double({ min: 0, max: 1e6, noNaN: true }),
    fc.double({ min: 0, max: 1e-300, noNaN: true }),
    fc.constant(1e300),
  );
  const sample = fc.record({ weight: rawWeight, cluster: fc.nat(12) });
  const samples = fc.array(sample, { minLength: 1, maxLength: 60 });
  const options = fc.record({
    duplicateCap: fc.double({ min: 0.1, max: 5, noNaN: true }),
    minEffectiveSampleSize: fc.double({ min: 0, max: 1, noNaN: true }),
  });

  it('gives non-negative weights of mean 1, above the floor, no cluster above its limit', () => {
    fc.assert(
      fc.property(samples, options, (rows, limits) => {
        const raw = Float64Array.from(rows, ({ weight }) => weight);
        const clusters = Int32Array.from(rows, ({ cluster }) => cluster);
        const weighing = weigh(raw, { ...limits, clusters });
        assert.ok(weighing.weights.every((weight) => weight >= 0 && Number.isFinite(weight)));
        close(mean(weighing.weights), 1);
        assert.ok(weighing.effectiveSampleSize >= limits.minEffectiveSampleSize - 1e-9);
        const totals = new Map<number, { sum: number; size: number }>();
        clusters.forEach((cluster, i) => {
          const { sum, size } = totals.get(cluster) ?? { sum: 0, size: 0 };
          totals.set(cluster, { sum: sum + weighing.weights[i]!, size: size + 1 });
        });
        for (const { sum, size } of totals.values()) {
          assert.ok(
            size === 1 || sum <= weighing.clusterLimit * (1 + 1e-9),
            `${sum} > ${weighing.clusterLimit}`,
          );
        }
      }),
      { numRuns: 500 },
    );
  });

  it('never lets a capped cluster outweigh a single sample of the same raw weight, at cap 1 and equal weights', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 20 }), fc.integer({ min: 1, max: 20 }), (copies, singles) => {
        const clusters = Int32Array.from({ length: copies + singles }, (_, i) => (i < copies ? -1 : i));
        const { weights } = weigh(new Float64Array(clusters.length).fill(4), { clusters });
        const total = weights.subarray(0, copies).reduce((a, b) => a + b, 0);
        close(total, weights[copies]!);
      }),
    );
  });

  it('does not change with the scale of the raw weights', () => {
    const factor = fc.double({ min: 1e-6, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0.001, max: 9, noNaN: true }), { minLength: 1 }),
        factor,
        (raw, by) => {
          const one = weigh(Float64Array.from(raw), { minEffectiveSampleSize: 0.5 }).weights;
          const other = weigh(
            Float64Array.from(raw, (weight) => weight * by),
            { minEffectiveSampleSize: 0.5 },
          );
          one.forEach((weight, i) => close(weight, other.weights[i]!, 1e-6));
        },
      ),
    );
  });
});
