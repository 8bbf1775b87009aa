import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { stratifiedMean, verdictOf } from '../../../core/decide/estimate.js';
import { planVerification, type PlannedStratum } from '../../../core/decide/plan.js';
import { seeded } from '../../../core/random.js';
import { pool } from './pool.js';

const near = (found: number, want: number, by = 1e-12): void =>
  assert.ok(Math.abs(found - want) <= by, `${found} is not ${want}`);

describe('the mean over strata', () => {
  it('lets each checked row stand for size / n rows', () => {
    // 10/40·(1+0)/2 + 30/40·(0+0+1)/3 = .125 + .25
    const strata = [
      { size: 10, values: Float64Array.of(1, 0) },
      { size: 30, values: Float64Array.of(0, 0, 1) },
    ];
    near(stratifiedMean(strata, [0, 1]).value, 0.375);
  });
  it('has the interval of the draw and of the pool, by hand', () => {
    // p = 1/2; draw: 1·(1 − 2/4)·s²{1, 0, 0, 1}/2 = ½·⅓/2 = 1/12; pool: (½ − ¼)/4 = 1/16; sum 7/48
    const { low, high } = stratifiedMean([{ size: 4, values: Float64Array.of(1, 0) }], [-2, 3]);
    // the range {−2, 3}: s² of {1, 0, −2, 3} = (¼ + ¼ + 6¼ + 6¼)/3 = 13/3; draw ½·13/3/2 = 13/12; sum 55/48
    near((high - low) / 2, 1.959963984540054 * Math.sqrt(13 / 12 + 1 / 16), 1e-9);
    const tight = stratifiedMean([{ size: 4, values: Float64Array.of(1, 0) }], [0, 1]);
    assert.deepEqual([tight.low, tight.high], [0, 1]); // ½ ± 1.96·√(7/48) is past both ends
  });
  it('is certain of nothing but the pool where all rows are checked', () => {
    const values = Float64Array.of(1, 1, 0, 0);
    const { low, high } = stratifiedMean([{ size: 4, values }], [-9, 9]);
    near((high - low) / 2, 1.959963984540054 * Math.sqrt(0.25 / 4), 1e-9);
  });
  it('of a few equal answers is not certain', () => {
    const { low, high } = stratifiedMean([{ size: 1000, values: Float64Array.of(0, 0, 0) }], [0, 1]);
    assert.equal(low, 0);
    assert.ok(high > 0.3);
  });
  it('leaves an empty stratum out, and refuses one that nobody looked at', () => {
    const empty = { size: 0, values: new Float64Array(0) };
    near(stratifiedMean([empty, { size: 2, values: Float64Array.of(1) }], [0, 1]).value, 1);
    assert.throws(
      () => stratifiedMean([{ size: 1, values: empty.values }], [0, 1]),
      /none of them is checked/,
    );
  });
});

describe('a verdict', () => {
  // positions 0-3 differ, 4-5 dispute, 6-9 agree
  const p = {
    first: Int32Array.of(0, 0, 0, 0, 1, 1, 2, 2, 2, 2),
    second: Int32Array.of(1, 1, 1, 1, 1, 1, 2, 2, 2, 2),
    given: Int32Array.of(0, 0, 1, 1, 0, 0, 2, 2, 2, 2),
  };
  const strata: PlannedStratum[] = [
    { name: 'differ', size: 4, asked: Int32Array.of(0, 1, 2, 3) },
    { name: 'dispute', size: 2, asked: Int32Array.of(4) },
    { name: 'agree', size: 4, asked: Int32Array.of(6, 7) },
  ];
  const truth = new Map([
    [0, 1],
    [1, 1],
    [2, 1],
    [3, 2],
    [4, 1],
    [6, 2],
    [7, 0],
  ]);
  const verdict = verdictOf(strata, p, truth);
  it('tests only rows that one model alone has right', () => {
    // rows 0, 1, 2: the second alone; row 3: neither. p = 2 · ½³ = ¼
    assert.deepEqual([verdict.onlyFirst, verdict.onlySecond], [0, 3]);
    near(verdict.pValue, 0.25);
  });
  it('estimates the difference over the whole pool', () =>
    near(verdict.difference.value, (4 / 10) * (3 / 4)));
  it('estimates accuracies that differ by that difference', () => {
    // first: 4/10·0 + 2/10·1 + 4/10·½ = .4; second: 4/10·¾ + .2 + .2 = .7
    near(verdict.accuracy.first.value, 0.4);
    near(verdict.accuracy.second.value, 0.7);
  });
  it('estimates the noise rate from all strata', () => {
    // wrong: rows 0, 1 and 3 of 0-3 (row 2 is given 1, is 1); row 4; row 7: 4/10·¾ + 2/10·1 + 4/10·½
    near(verdict.noiseRate.value, 0.3 + 0.2 + 0.2);
  });
  it('counts answers, and says which kind of rows has none', () => {
    assert.deepEqual(verdict.answered, { differ: 4, dispute: 1, agree: 2 });
    const without = new Map([...truth].filter(([at]) => at !== 4));
    assert.throws(() => verdictOf(strata, p, without), /no answer for any of the 1 rows whose label both/);
  });
  it('holds a label that no model knows for wrong everywhere', () => {
    const odd = verdictOf(strata, p, new Map([...truth].map(([at]) => [at, -1])));
    assert.deepEqual([odd.accuracy.second.value, odd.noiseRate.value], [0, 1]);
  });
});

describe('over many draws', () => {
  const p = pool(300);
  const random = seeded(5, 'truth');
  const truth = new Map(
    Array.from(p.given, (label, at) => [at, random.next() < 0.25 ? random.below(3) : label] as const),
  );
  const share = (holds: (at: number) => boolean): number =>
    [...truth.keys()].filter(holds).length / truth.size;
  const firstRight = share((at) => p.first[at] === truth.get(at));
  const secondRight = share((at) => p.second[at] === truth.get(at));
  const wrong = share((at) => p.given[at] !== truth.get(at));
  const DRAWS = 2000;
  const verdicts = Array.from({ length: DRAWS }, (_, seed) =>
    verdictOf(planVerification(p, 45, seed), p, truth),
  );
  const cases = [
    { name: 'the difference of accuracies', of: 'difference', want: secondRight - firstRight },
    { name: 'the noise rate', of: 'noiseRate', want: wrong },
  ] as const;
  for (const { name, of, want } of cases) {
    it(`${name} is right on average`, () => {
      const found = verdicts.map((verdict) => verdict[of].value);
      const mean = found.reduce((a, b) => a + b) / DRAWS;
      const spread = Math.sqrt(found.reduce((sum, one) => sum + (one - mean) ** 2, 0) / DRAWS);
      near(mean, want, (4 * spread) / Math.sqrt(DRAWS)); // four standard errors
      assert.ok(spread > 0.01, 'draws that are all alike prove nothing');
    });
    it(`the interval of ${name} holds what the pool has, 95 times in 100 or more`, () => {
      const holding = verdicts.filter((verdict) => verdict[of].low <= want && want <= verdict[of].high);
      assert.ok(holding.length / DRAWS > 0.945, `${holding.length} of ${DRAWS}`);
    });
  }
});
