import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { logisticUtility, naiveBayesUtility } from '../../../../core/importance/utility/learners.js';
import {
  play,
  playUnit,
  tallyOfOrders,
  type GamePlan,
  type PlayStep,
} from '../../../../core/importance/utility/play.js';
import {
  banzhafWeights,
  betaWeights,
  exactSemivalues,
  shapleyWeights,
  utilityTable,
} from '../../../../core/importance/utility/semivalue.js';
import {
  mergeTallies,
  tallyErrors,
  tallyFrom,
  tallyTensors,
  tallyValues,
} from '../../../../core/importance/utility/tally.js';
import { cached, membersOf, type Utility } from '../../../../core/importance/utility/utility.js';
import { seeded } from '../../../../core/random.js';

/** Eight points that help one another: not additive. */
const eight: Utility = {
  points: 8,
  value: (members) => {
    const sum = members.reduce((total, point) => total + point - 2, 0);
    return Math.tanh(sum / 5) + (members.includes(0) && members.includes(7) ? 0.5 : 0);
  },
};
const NEVER = { mostUnits: 10, halfWidth: 0, rankCorrelation: 2, patience: 3 };
const shapley = (alpha = 1, beta = 1, truncation = 0) =>
  ({ kind: 'permutations', alpha, beta, truncation }) as const;
const plan = (game: GamePlan['game'], perUnit = 20): GamePlan => ({ game, seed: 5, perUnit });

const last = (steps: Iterable<PlayStep>): PlayStep => [...steps].at(-1)!;

describe('games over coalitions', () => {
  const table = utilityTable(eight);
  const cases = [
    { name: 'Shapley', game: shapley(), exact: exactSemivalues(table, shapleyWeights(8)) },
    { name: 'Beta(4, 1)', game: shapley(4, 1), exact: exactSemivalues(table, betaWeights(8, 4, 1)) },
    { name: 'Beta(1, 4)', game: shapley(1, 4), exact: exactSemivalues(table, betaWeights(8, 1, 4)) },
    { name: 'Banzhaf', game: { kind: 'masks' } as const, exact: exactSemivalues(table, banzhafWeights(8)) },
  ];
  for (const { name, game, exact } of cases) {
    it(`come near to the exact values, as near as their errors say: ${name}`, () => {
      const { tally } = last(play(cached(eight), plan(game, 200), NEVER));
      const errors = tallyErrors(tally);
      tallyValues(tally).forEach((value, i) => {
        assert.ok(errors[i]! < 0.05, `${errors[i]}`);
        assert.ok(Math.abs(value - exact[i]!) < 4 * errors[i]! + 1e-12);
      });
    });

    it(`are the same when shards are merged in order: ${name}`, () => {
      const whole = last(play(eight, plan(game), NEVER)).tally;
      const shards = Array.from({ length: 10 }, (_, i) => 9 - i).map((unit) => ({
        unit,
        tally: playUnit(eight, plan(game), unit),
      }));
      const merged = shards
        .toSorted((a, b) => a.unit - b.unit)
        .map(({ tally }) => tally)
        .reduce(mergeTallies);
      assert.deepEqual(merged, whole);
    });

    it(`go on from a saved state to the same bits: ${name}`, () => {
      const whole = last(play(eight, plan(game), NEVER));
      const half = last(play(eight, plan(game), { ...NEVER, mostUnits: 4 }));
      const saved = { units: half.units, tally: tallyFrom(tallyTensors(half.tally)) };
      assert.deepEqual(last(play(eight, plan(game), NEVER, saved)).tally, whole.tally);
    });
  }

  it('stop when the intervals are narrow enough', () => {
    const steps = [...play(eight, plan(shapley(), 100), { ...NEVER, mostUnits: 200, halfWidth: 0.05 })];
    assert.ok(steps.length < 200);
    assert.deepEqual(
      steps.map(({ done, halfWidth }) => done === halfWidth <= 0.05),
      steps.map(() => true),
    );
  });

  it('stop when the ranks are stable', () => {
    const steps = [...play(eight, plan(shapley(), 100), { ...NEVER, mostUnits: 200, rankCorrelation: 0.99 })];
    assert.ok(steps.length > NEVER.patience && steps.length < 200);
    assert.ok(steps.at(-1)!.rankCorrelation >= 0.99);
  });

  it('earn nothing once the utility is near that of all', () => {
    const order = Int32Array.of(7, 6, 5, 4, 3, 2, 1, 0);
    const tally = tallyOfOrders(eight, [order], shapley(1, 1, 10));
    assert.deepEqual(tallyValues(tally), new Float64Array(8));
    assert.deepEqual(tally.counts, new Float64Array(8).fill(1));
  });

  it('ask for a coalition once', () => {
    const utility = cached(eight);
    last(play(utility, plan(shapley(), 100), NEVER));
    const { calls, known } = utility.asked();
    assert.ok(calls - known <= 256, `${calls - known} of 256 coalitions`);
  });

  it('forget the oldest coalitions where memory is bounded', () => {
    let trained = 0;
    const utility = cached({ points: 2, value: (members) => (trained++, members.length) }, 1);
    for (const mask of [[0], [0], [1], [0]]) utility.value(Int32Array.from(mask));
    assert.equal(trained, 3);
  });
});

/** Two clouds; the last training row has the wrong class. */
function clouds(rows: number) {
  const random = seeded(3, 'clouds');
  const side = (n: number) => {
    const targets = Int32Array.from({ length: n }, (_, i) => i % 2);
    const values = Float64Array.from({ length: 2 * n }, (_, at) => random.normal() + 4 * targets[at >> 1]!);
    return { matrix: { rows: n, cols: 2, values }, targets };
  };
  const training = side(rows);
  training.targets[rows - 1] = 1 - training.targets[rows - 1]!;
  return { training, validation: side(40) };
}

describe('learners', () => {
  const { training, validation } = clouds(11);

  it('tell a walk the utility of each coalition on the way', () => {
    const utility = naiveBayesUtility(training, validation, 2);
    const walk = utility.walk!();
    const member = new Uint8Array(11);
    for (const point of [3, 0, 10, 1, 7, 8, 2]) {
      member[point] = 1;
      assert.equal(walk.add(point), utility.value(membersOf(member)));
    }
  });

  for (const { name, utility } of [
    { name: 'naive Bayes', utility: naiveBayesUtility(training, validation, 2) },
    { name: 'logistic regression', utility: logisticUtility(training, validation, 2, 1) },
  ]) {
    it(`tell the clouds apart, and guess without members: ${name}`, () => {
      assert.equal(utility.value(new Int32Array()), 0.5);
      assert.equal(utility.value(Int32Array.of(2)), 0.5); // all of one class: right for half of the rows
      assert.ok(utility.value(Int32Array.of(0, 1, 2, 3, 4, 5)) > 0.9);
    });

    it(`value a row of the wrong class least: ${name}`, () => {
      const values = tallyValues(playUnit(cached(utility), plan(shapley(), 30), 0));
      assert.equal(values.indexOf(Math.min(...values)), 10);
    });
  }
});
