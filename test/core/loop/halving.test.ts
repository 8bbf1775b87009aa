import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  bestTrial,
  nextJobs,
  rungShares,
  type SearchPlan,
  type TrialResult,
} from '../../../core/loop/halving.js';

const quality = (trial: number, rung: number): number => ((trial * 37 + rung * 11) % 101) / 101;

/** Plays a search to its end; `value` says how good a trial is on a rung. */
function play(plan: SearchPlan, value: (trial: number, rung: number) => number) {
  const results: TrialResult[] = [];
  const waves: TrialResult[][] = [];
  for (;;) {
    const jobs = nextJobs(plan, results);
    if (jobs.length === 0) return { results, waves };
    waves.push(jobs.map((job) => ({ ...job, value: value(job.trial, job.rung) })));
    results.push(...waves.at(-1)!);
    assert.ok(waves.length < 1000, 'the search does not end');
  }
}

const plans = fc.record({
  trials: fc.integer({ min: 0, max: 40 }),
  shares: fc.integer({ min: 1, max: 4 }).map((rungs) => rungShares(3, 1 / 3 ** (rungs - 1))),
  reduction: fc.integer({ min: 2, max: 4 }),
  parallel: fc.integer({ min: 1, max: 9 }),
});
const values = fc.func(fc.double({ min: 0, max: 1, noNaN: true }));

describe('shares of the rungs', () => {
  const cases = [
    { name: 'three rungs by thirds', reduction: 3, least: 0.1, want: [1 / 9, 1 / 3, 1] },
    { name: 'a share that is met exactly counts', reduction: 2, least: 0.25, want: [0.25, 0.5, 1] },
    { name: 'one rung where nothing less is allowed', reduction: 3, least: 1, want: [1] },
  ];
  for (const { name, reduction, least, want } of cases)
    it(name, () => assert.deepEqual(rungShares(reduction, least), want));
});

describe('the next wave of successive halving', () => {
  const plan = { trials: 9, shares: [1 / 9, 1 / 3, 1], reduction: 3, parallel: 10 };

  it('nine trials by thirds: nine, three, one, and the baseline on all rows from the start', () => {
    const { waves } = play(plan, (trial) => trial);
    assert.deepEqual(
      waves.map((wave) => wave.map(({ trial, rung }) => [trial, rung])),
      [
        [[0, 2], ...[1, 2, 3, 4, 5, 6, 7, 8, 9].map((trial) => [trial, 0])],
        [
          [9, 1],
          [8, 1],
          [7, 1],
        ],
        [[9, 2]],
      ],
    );
  });

  it('promotes before it begins anew, as soon as three have been seen', () => {
    const results = [0, 1, 2, 3].map((trial) => ({ trial, rung: trial === 0 ? 2 : 0, value: trial }));
    assert.deepEqual(nextJobs({ ...plan, parallel: 2 }, results), [
      { trial: 3, rung: 1 },
      { trial: 4, rung: 0 },
    ]);
  });

  it('brings the best to the top where too few are left to be one in three', () => {
    const { waves } = play({ ...plan, trials: 2 }, (trial) => trial);
    assert.deepEqual(
      waves.at(-1)!.map(({ trial, rung }) => [trial, rung]),
      [[2, 2]],
    );
  });

  it('lets nobody on who diverged, and ends', () => {
    const { results } = play(plan, (trial) => (trial === 0 ? 0.5 : -Infinity));
    assert.equal(results.length, 10);
    assert.equal(bestTrial(plan, results), 0);
  });

  it('asks for every trial and every job once, and only for shares in order', () => {
    fc.assert(
      fc.property(plans, values, (some, value) => {
        const { results } = play(some, (trial, rung) => value(trial, rung));
        const keys = results.map(({ trial, rung }) => `${trial}.${rung}`);
        assert.equal(new Set(keys).size, keys.length);
        assert.deepEqual(
          [...new Set(results.map(({ trial }) => trial))].sort((a, b) => a - b),
          Array.from({ length: some.trials + 1 }, (_, trial) => trial),
        );
        for (const { trial, rung } of results)
          if (trial !== 0 && rung > 0)
            assert.ok(keys.indexOf(`${trial}.${rung - 1}`) < keys.indexOf(`${trial}.${rung}`));
      }),
    );
  });

  it('judges the baseline and at least one trial on all rows, and the winner is the best of those', () => {
    fc.assert(
      fc.property(plans, values, (some, value) => {
        const { results } = play(some, (trial, rung) => value(trial, rung));
        const top = results.filter(({ rung }) => rung === some.shares.length - 1);
        assert.ok(top.some(({ trial }) => trial === 0));
        assert.equal(
          top.some(({ trial }) => trial > 0),
          some.trials > 0,
        );
        const best = Math.max(...top.map((one) => one.value));
        assert.equal(top.find(({ trial }) => trial === bestTrial(some, results))!.value, best);
      }),
    );
  });

  it('asks the same again when it is asked again, whatever the order of the results', () => {
    fc.assert(
      fc.property(plans, fc.integer({ min: 0, max: 30 }), (some, cut) => {
        const { results } = play(some, quality);
        const before = results.slice(0, cut);
        assert.deepEqual(nextJobs(some, [...before].reverse()), nextJobs(some, before));
      }),
    );
  });

  it('takes all rows a small part of what a random search takes', () => {
    const wide = { trials: 27, shares: rungShares(3, 1 / 9), reduction: 3, parallel: 4 };
    const { results } = play(wide, quality);
    const rows = results.reduce((sum, { rung }) => sum + wide.shares[rung]!, 0);
    assert.ok(rows < 0.5 * 28, `${rows} times all rows`);
  });
});
