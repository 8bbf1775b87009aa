import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  boostOfRows,
  judgeBoost,
  proposeBoost,
  trustOf,
  type BoostTest,
  type ProposalInput,
} from '../../../core/slices/boost.js';
import { weigh } from '../../../core/weighting/index.js';

const close = (found: number, want: number): void =>
  assert.ok(Math.abs(found - want) < 1e-12, `${found} is not ${want}`);
const rows = (from: number, to: number): Int32Array =>
  Int32Array.from({ length: to - from }, (_, i) => from + i);

describe('trust in a slice', () => {
  const cases = [
    // Σ r·wrong / Σ r = (1 + .5) / (1 + .5 + .5) = .75; 1 − 2/4 = .5
    {
      name: 'weighs errors by the posterior',
      wrong: [1, 0, 1, 1],
      r: [1, 0.5, 0.5, 0],
      error: 0.75,
      noise: 0.5,
    },
    {
      name: 'is the plain error where all labels are believed',
      wrong: [1, 0, 0, 0],
      r: [1, 1, 1, 1],
      error: 0.25,
      noise: 0,
    },
    {
      name: 'sees no error where every missed label is disbelieved',
      wrong: [1, 1, 0, 0],
      r: [0, 0, 1, 1],
      error: 0,
      noise: 0.5,
    },
    {
      name: 'has error 0, not NaN, where no label is believed',
      wrong: [1, 1],
      r: [0, 0],
      error: 0,
      noise: 1,
    },
  ];
  for (const { name, wrong, r, error, noise } of cases) {
    it(name, () => {
      const found = trustOf('s', rows(0, wrong.length), {
        wrong: Uint8Array.from(wrong),
        posterior: Float64Array.from(r),
      });
      close(found.trustedError, error);
      close(found.noiseRate, noise);
      assert.equal(found.support, wrong.length);
    });
  }
});

describe('the slice that is proposed', () => {
  // 12 rows in three slices of four: errors 1/4, 2/4, 3/4; the labels of the last are believed by halves.
  const input: ProposalInput = {
    wrong: Uint8Array.from([1, 0, 0, 0, 1, 1, 0, 0, 1, 1, 1, 0]),
    posterior: Float64Array.from([1, 1, 1, 1, 1, 1, 1, 1, 0.5, 0.5, 0.5, 0.5]),
    slices: [
      { name: 'easy', rows: rows(0, 4) },
      { name: 'hard', rows: rows(4, 8) },
      { name: 'noisy', rows: rows(8, 12) },
    ],
    factors: [],
    refused: [],
    factor: 1.25,
    minSupport: 4,
    maxNoiseRate: 0.3,
  };

  it('has the highest trusted error among those whose labels are believed; noisy ones go to relabelling', () => {
    const { proposal, relabel, overall } = proposeBoost(input);
    assert.deepEqual(proposal, { slice: 'hard', support: 4, trustedError: 0.5, noiseRate: 0, factor: 1.25 });
    assert.deepEqual(relabel, [{ slice: 'noisy', support: 4, trustedError: 0.75, noiseRate: 0.5 }]);
    close(overall.trustedError, (3 + 1.5) / (8 + 2)); // 3 errors believed, 3 by halves
    close(overall.noiseRate, 2 / 12);
  });

  const cases = [
    { name: 'is the noisy one where any noise is allowed', change: { maxNoiseRate: 1 }, want: 'noisy' },
    {
      name: 'is passed over after a refusal, and nothing else is worse than the whole',
      change: { refused: ['hard'] },
      want: undefined,
    },
    { name: 'is none where all slices are too small', change: { minSupport: 5 }, want: undefined },
    {
      name: 'is passed over at the upper bound',
      change: { factors: [{ slice: 'hard', factor: 2 }] },
      want: undefined,
    },
    {
      name: 'may be boosted again below it',
      change: { factors: [{ slice: 'hard', factor: 1.25 }] },
      want: 'hard',
    },
  ];
  for (const { name, change, want } of cases) {
    it(name, () => assert.equal(proposeBoost({ ...input, ...change }).proposal?.slice, want));
  }

  it('is raised by the factor, at most to 2', () => {
    const raised = (factor: number): number | undefined =>
      proposeBoost({ ...input, factors: [{ slice: 'hard', factor }] }).proposal?.factor;
    assert.deepEqual([1, 1.25, 1.5625, 1.953125].map(raised), [1.25, 1.5625, 1.953125, 2]);
  });

  it('is the larger one of two equals, then the first by name', () => {
    const slices = [
      { name: 'b', rows: Int32Array.from([4, 5, 6, 7]) },
      { name: 'a', rows: Int32Array.from([4, 5, 6, 7]) },
      { name: 'c', rows: Int32Array.from([4, 5, 2, 3]) },
    ];
    assert.equal(proposeBoost({ ...input, slices }).proposal?.slice, 'a');
    const larger = { name: 'z', rows: Int32Array.from([4, 5, 0, 6, 7, 2]) }; // 3 errors of 6
    assert.equal(proposeBoost({ ...input, slices: [...slices, larger] }).proposal?.slice, 'z');
  });
});

describe('b of a row', () => {
  it('is the product over its slices, between a half and two', () => {
    const boosts = boostOfRows(5, [
      { rows: rows(0, 3), factor: 1.25 },
      { rows: rows(1, 4), factor: 1.25 },
      { rows: rows(2, 3), factor: 1.5 }, // 1.25 · 1.25 · 1.5 = 2.34
      { rows: rows(3, 4), factor: 0.25 }, // 1.25 · 0.25 = 0.31
    ]);
    assert.deepEqual([...boosts], [1.25, 1.5625, 2, 0.5, 1]);
  });

  it('multiplies d: w = n·d·b / Σ d·b', () => {
    const d = [0, 1, 1, 2];
    const boosts = boostOfRows(4, [{ rows: rows(2, 4), factor: 1.25 }]);
    const { weights } = weigh(Float64Array.from(d, (one, i) => one * boosts[i]!));
    // Σ d·b = 0 + 1 + 1.25 + 2.5 = 4.75
    [0, 4 / 4.75, 5 / 4.75, 10 / 4.75].forEach((want, i) => close(weights[i]!, want));
  });

  it('is within its bounds whatever was raised', () => {
    const anyFactor = fc.record({
      rows: fc.uniqueArray(fc.nat(9)).map((list) => Int32Array.from(list)),
      factor: fc.double({ min: 0.01, max: 9, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(anyFactor), (boosted) =>
        boostOfRows(10, boosted).every((b) => b >= 0.5 && b <= 2),
      ),
    );
  });
});

describe('whether a boost is kept', () => {
  /** 1,000 rows, the first 100 inside: `wins` and `losses` there, `outside` fewer right elsewhere. */
  function tested(wins: number, losses: number, outside = 0, more: Partial<BoostTest> = {}) {
    const incumbent = new Float64Array(1000).fill(0.5).map((_, row) => (row < wins ? 0 : 1));
    const boosted = new Float64Array(1000).fill(1);
    for (let row = wins; row < wins + losses; row++) boosted[row] = 0;
    for (let row = 100; row < 100 + outside; row++) boosted[row] = 0;
    const common = {
      slice: 's',
      earlier: [],
      planned: 1,
      alpha: 0.05,
      maxLoss: 0.003,
    };
    const inside = Uint8Array.from({ length: 1000 }, (_, row) => (row < 100 ? 1 : 0));
    return judgeBoost({ ...common, boosted, incumbent, inside, groups: rows(0, 1000), ...more });
  }

  it('asks McNemar: 9 to 1 is p = 2·(1 + 10)/2¹⁰', () => {
    const { test, accepted } = tested(9, 1);
    close(test.pValue, 22 / 1024);
    close(test.adjusted, 22 / 1024);
    assert.deepEqual([test.wins, test.losses, test.support], [9, 1, 100]);
    close(test.sliceChange, 8 / 100);
    close(test.change, 8 / 1000);
    assert.ok(accepted);
  });

  const cases = [
    {
      name: 'no win: 8 to 2, p = 2·(1 + 10 + 45)/2¹⁰ = .109',
      verdict: tested(8, 2),
      want: /does not win inside/,
    },
    { name: 'a loss, however certain', verdict: tested(1, 9), want: /does not win inside/ },
    {
      name: '9 to 1, one of 3 proposals: 3·.0215 = .064',
      verdict: tested(9, 1, 0, { planned: 3 }),
      want: /does not win.*0\.064 over 3 proposals/,
    },
    {
      name: '9 to 1 after .04: Holm makes both .043',
      verdict: tested(9, 1, 0, { planned: 2, earlier: [0.04] }),
      want: undefined,
    },
    {
      name: '9 to 1 after .001 and .002: .0215 is the last of three, not multiplied',
      verdict: tested(9, 1, 0, { planned: 3, earlier: [0.001, 0.002] }),
      want: undefined,
    },
    { name: 'overall −0.3 points: 8 − 11 rows of 1,000', verdict: tested(9, 1, 11), want: undefined },
    {
      name: 'overall −0.4 points',
      verdict: tested(9, 1, 12),
      want: /overall it loses more than 0\.30 points.*overall −0\.40/,
    },
    { name: 'nothing that differs', verdict: tested(0, 0), want: /does not win inside/ },
  ];
  for (const { name, verdict, want } of cases) {
    it(`${want ? 'refuses' : 'keeps'} ${name}`, () => {
      assert.equal(verdict.accepted, want === undefined, verdict.reason);
      assert.match(verdict.reason, want ?? /weighs more from now on/);
    });
  }

  it('counts rows of one group once', () => {
    const groups = rows(0, 1000).map((row) => (row < 9 ? 0 : row)); // the nine wins are one product
    const { test, accepted } = tested(9, 1, 0, { groups });
    assert.deepEqual([test.wins, test.losses], [1, 1]);
    assert.equal(accepted, false);
  });

  it('counts no row outside of the slice as a win', () => {
    const { test } = tested(120, 0); // 100 inside
    assert.equal(test.wins, 100);
  });
});
