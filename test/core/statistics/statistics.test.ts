import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { seeded } from '../../../core/random.js';
import { bootstrapInterval, bootstrapStatistic, quantile } from '../../../core/statistics/bootstrap.js';
import { holm, mcnemar } from '../../../core/statistics/pairedTests.js';
import { signFlipMaxT } from '../../../core/statistics/signFlip.js';

const close = (found: number, want: number, tolerance = 1e-12): void =>
  assert.ok(Math.abs(found - want) <= tolerance, `${found} is not ${want}`);
const draw = (n: number, next: (i: number) => number): Float64Array =>
  Float64Array.from({ length: n }, (_, i) => next(i));

describe('bootstrap interval', () => {
  it('of a constant has no width', () => {
    const found = bootstrapInterval({
      values: new Float64Array(9).fill(3),
      replicates: 50,
      random: seeded(1),
    });
    assert.deepEqual(found, { value: 3, low: 3, high: 3 });
  });
  it('of a mean of normals is 1.96 standard errors to each side', () => {
    const random = seeded(7);
    const values = draw(400, () => random.normal());
    const { value, low, high } = bootstrapInterval({ values, replicates: 4000, random });
    close(high - value, 1.96 / 20, 0.012);
    close(value - low, 1.96 / 20, 0.012);
  });
  it('is wider where rows come in groups', () => {
    const random = seeded(3);
    const effects = draw(40, () => random.normal());
    const groups = Int32Array.from({ length: 400 }, (_, i) => i % 40);
    const values = draw(400, (i) => effects[i % 40]!);
    const width = (estimate: { low: number; high: number }): number => estimate.high - estimate.low;
    const apart = bootstrapInterval({ values, replicates: 1000, random });
    const together = bootstrapInterval({ values, groups, replicates: 1000, random });
    assert.ok(width(together) > 2.5 * width(apart)); // √10 in theory
  });
  it('weighs rows', () => {
    const found = bootstrapInterval({
      values: Float64Array.of(1, 5),
      weights: Float64Array.of(3, 1),
      replicates: 10,
      random: seeded(1),
    });
    close(found.value, 2); // (3·1 + 1·5) / 4
  });
  it('of any statistic agrees with that of the mean', () => {
    const values = draw(60, (i) => (i * 37) % 11);
    const mean = (rows: Int32Array): number => rows.reduce((sum, row) => sum + values[row]!, 0) / rows.length;
    const direct = bootstrapInterval({ values, replicates: 500, random: seeded(5) });
    const general = bootstrapStatistic({ rows: 60, replicates: 500, random: seeded(5), statistic: mean });
    close(direct.low, general.low);
    close(direct.high, general.high);
  });
  it('refuses to estimate from nothing', () => {
    assert.throws(
      () => bootstrapInterval({ values: new Float64Array(0), replicates: 9, random: seeded(1) }),
      RangeError,
    );
  });
  it('has discrete quantiles', () => {
    const values = Float64Array.of(1, 2, 3, 4);
    assert.deepEqual(
      [0, 0.25, 0.26, 0.5, 1].map((q) => quantile(values, q)),
      [1, 1, 2, 2, 4],
    );
  });
});

describe('sign-flip max-T test', () => {
  it('gives about uniform p values where nothing differs', () => {
    const random = seeded(11);
    const pValues = Array.from({ length: 400 }, (_, trial) => {
      const differences = [draw(40, () => random.normal())];
      return signFlipMaxT({ differences, flips: 99, random: seeded(trial) }).pValues[0]!;
    });
    for (const level of [0.05, 0.25, 0.5, 0.75]) {
      const share = pValues.filter((p) => p <= level).length / 400;
      close(share, level, 4 * Math.sqrt((level * (1 - level)) / 400));
    }
  });
  it('keeps the error rate over twenty candidates', () => {
    const random = seeded(12);
    const rejected = Array.from({ length: 200 }, (_, trial) => {
      const differences = Array.from({ length: 20 }, () => draw(40, () => random.below(3) - 1));
      const { pValues } = signFlipMaxT({ differences, flips: 199, random: seeded(trial) });
      return Math.min(...pValues) < 0.05;
    }).filter(Boolean).length;
    assert.ok(rejected <= 22, `${rejected} of 200 at level 0.05`); // mean 10, standard deviation 3
  });
  it('finds a real gain beside a loss', () => {
    const gain = draw(200, (i) => (i % 4 === 0 ? 1 : i % 20 === 1 ? -1 : 0));
    const { pValues, statistics } = signFlipMaxT({
      differences: [gain, gain.map((value) => -value)],
      flips: 999,
      random: seeded(1),
    });
    close(statistics[0]!, 40 / Math.sqrt(60)); // 50 gains, 10 losses
    close(pValues[0]!, 1 / 1000);
    assert.equal(pValues[1], 1);
  });
  it('sums within groups first', () => {
    const differences = [Float64Array.of(1, -1, 1, 1)];
    const { statistics } = signFlipMaxT({
      differences,
      groups: Int32Array.of(0, 0, 1, 1),
      flips: 9,
      random: seeded(1),
    });
    close(statistics[0]!, 1); // one group differs, by 2: 2 / √4
  });
  it('says p = 1 where a candidate equals the incumbent', () => {
    const { pValues } = signFlipMaxT({ differences: [new Float64Array(5)], flips: 19, random: seeded(1) });
    assert.deepEqual([...pValues], [1]);
  });
  it('refuses candidates judged on other rows', () => {
    const differences = [new Float64Array(5), new Float64Array(4)];
    assert.throws(() => signFlipMaxT({ differences, flips: 9, random: seeded(1) }), RangeError);
  });
});

describe('McNemar', () => {
  const cases = [
    { name: 'no difference', pair: [0, 0], want: 1 },
    { name: 'five to nothing: 2 / 2⁵', pair: [5, 0], want: 2 / 32 },
    { name: 'two to eight: 2 (1 + 10 + 45) / 2¹⁰', pair: [2, 8], want: 112 / 1024 },
    { name: 'a draw', pair: [4, 4], want: 1 },
  ] as const;
  for (const { name, pair, want } of cases)
    it(`of ${name}`, () => close(mcnemar(pair[0], pair[1]), want, 1e-10));
  it('does not underflow with thousands of samples', () => {
    close(mcnemar(5000, 5000), 1);
    assert.ok(mcnemar(4000, 4300) < 0.01 && mcnemar(4000, 4300) > 0.0005);
  });
});

it('Holm adjusts in the order given and never decreases', () => {
  const found = holm([0.01, 0.04, 0.03]); // 3 × .01, max(.06, 1 × .04), 2 × .03
  [0.03, 0.06, 0.06].forEach((want, i) => close(found[i]!, want));
});
