import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { clippedIps, ips, snips, type LoggedOutcomes } from '../../../core/counterfactual/estimates.js';
import { inversePropensities } from '../../../core/counterfactual/propensity.js';
import { seeded } from '../../../core/random.js';
import { readFixture } from '../../readFixture.js';

const Pair = z.tuple([z.number(), z.number()]);
const Fixture = z.object({
  cases: z.array(
    z.object({
      name: z.string(),
      outcomes: z.array(z.number()),
      propensities: z.array(z.number()),
      target: z.array(z.number()),
      effectiveSampleSize: z.number(),
      ips: Pair,
      snips: Pair,
      clipped: Pair,
      clippedRows: z.int(),
    }),
  ),
});
const { cases } = readFixture('counterfactual/estimates', Fixture);
const close = (actual: number, expected: number): void =>
  assert.ok(
    Math.abs(actual - expected) <= 1e-12 * Math.max(1, Math.abs(expected)),
    `${actual}, not ${expected}`,
  );

describe("counterfactual estimates equal numpy's", () => {
  for (const logged of cases) {
    const estimates = { ips: ips(logged), snips: snips(logged), clipped: clippedIps(logged, 3) };
    for (const [name, found] of Object.entries(estimates)) {
      it(`${name} of ${logged.name}, with its standard error`, () => {
        const [value, standardError] = logged[name as keyof typeof estimates];
        close(found.value, value);
        close(found.standardError, standardError);
        close(found.high - found.low, 2 * 1.959963984540054 * standardError);
      });
    }
    it(`effective sample size and clipped rows of ${logged.name}`, () => {
      close(estimates.ips.effectiveSampleSize, logged.effectiveSampleSize);
      assert.equal(estimates.clipped.clipped, logged.clippedRows);
      assert.equal(estimates.ips.clipped, 0);
      assert.ok(estimates.clipped.largestWeight <= 3);
    });
  }
});

describe('counterfactual estimates', () => {
  // Weights ½/p are 1, 1, 2, 2; what was earned, times them, 1, 0, 2, 0.
  const byHand = {
    outcomes: [1, 0, 1, 0],
    propensities: [0.5, 0.5, 0.25, 0.25],
    target: [0.5, 0.5, 0.5, 0.5],
  };

  it('are what a hand computes: values, effective rows, standard errors', () => {
    close(ips(byHand).value, 3 / 4);
    close(ips(byHand).standardError, Math.sqrt((0.0625 + 0.5625 + 1.5625 + 0.5625) / 3 / 4));
    close(ips(byHand).effectiveSampleSize, 36 / 10);
    close(snips(byHand).value, 3 / 6);
    close(snips(byHand).standardError, Math.sqrt(0.25 + 0.25 + 1 + 1) / 6);
    const clipped = clippedIps(byHand, 1.5);
    close(clipped.value, (1 + 1.5) / 4);
    close(clipped.effectiveSampleSize, 25 / 6.5);
    assert.deepEqual([clipped.clipped, clipped.largestWeight], [2, 1.5]);
  });

  it('sum the errors of rows that were drawn together before they square them', () => {
    const sessions = { ...byHand, groups: [7, 7, 9, 9] };
    close(ips(sessions).value, 3 / 4);
    close(ips(sessions).standardError, Math.sqrt(2 * (0.5 ** 2 + 0.5 ** 2)) / 4); // errors of sessions: −½, ½
    close(snips(sessions).standardError, 0); // ½ − ½, 1 − 1
    const single = { ...byHand, groups: [1, 2, 3, 4] };
    close(ips(single).standardError, ips(byHand).standardError);
    assert.throws(() => ips({ ...byHand, groups: [1] }), /expected 4 groups, one a row, got 1/);
  });

  it('are the plain mean where the two policies are one', () => {
    const same = { outcomes: [1, 0, 0, 1], propensities: [0.5, 0.2, 0.3, 0.9], target: [0.5, 0.2, 0.3, 0.9] };
    close(ips(same).value, 0.5);
    close(snips(same).value, 0.5);
    assert.equal(ips(same).effectiveSampleSize, 4);
  });

  it('know what a policy earns that never logged: two arms, paid .1 and .5', () => {
    const logged = bandit(50_000, [0.8, 0.2], [0.25, 0.75]);
    const truth = 0.25 * 0.1 + 0.75 * 0.5;
    for (const estimate of [ips(logged), snips(logged)]) {
      assert.ok(Math.abs(estimate.value - truth) < 4 * estimate.standardError, `${estimate.value}`);
    }
  });

  it('of SNIPS do not change when all propensities are wrong by one factor; those of IPS do', () => {
    const logged = bandit(1_000, [0.8, 0.2], [0.5, 0.5]);
    const halved = { ...logged, propensities: Array.from(logged.propensities, (p) => p / 2) };
    close(snips(halved).value, snips(logged).value);
    close(ips(halved).value, 2 * ips(logged).value);
  });

  const refused = [
    {
      name: 'a propensity of 0',
      change: { propensities: [0, 1] },
      message: /propensities\[0\].*got 0.*log the chance/,
    },
    {
      name: 'a propensity above 1',
      change: { propensities: [1, 1.5] },
      message: /propensities\[1\].*got 1\.5/,
    },
    { name: 'a target above 1', change: { target: [1, 2] }, message: /target\[1\].*probability, got 2/ },
    { name: 'another length', change: { target: [1] }, message: /got 2, 1 and 2/ },
  ];
  for (const { name, change, message } of refused) {
    it(`refuse ${name}`, () => {
      const logged = { outcomes: [1, 0], propensities: [1, 1], target: [1, 1], ...change };
      assert.throws(() => ips(logged), message);
      assert.throws(() => snips(logged), message);
    });
  }

  it('refuse what can not be estimated: no row, no choice in common, no limit', () => {
    assert.throws(() => ips({ outcomes: [], propensities: [], target: [] }), /at least one/);
    assert.throws(() => snips({ outcomes: [1], propensities: [1], target: [0] }), /none of the rows/);
    assert.throws(() => clippedIps({ outcomes: [1], propensities: [1], target: [1] }, 0), /limit above 0/);
  });
});

it('a floor bounds inverse propensities, and must be a probability', () => {
  assert.deepEqual([...inversePropensities([0.5, 0.01], 0.1)], [2, 10]);
  assert.throws(() => inversePropensities([0.5], 2), /floor in \[0, 1\]/);
});

/** Clicks of two arms that pay .1 and .5, logged by one policy and asked about another. */
function bandit(rows: number, logging: readonly number[], target: readonly number[]): LoggedOutcomes {
  const random = seeded(7, 'bandit');
  const arms = Array.from({ length: rows }, () => (random.next() < logging[0]! ? 0 : 1));
  return {
    outcomes: arms.map((arm) => Number(random.next() < [0.1, 0.5][arm]!)),
    propensities: arms.map((arm) => logging[arm]!),
    target: arms.map((arm) => target[arm]!),
  };
}
