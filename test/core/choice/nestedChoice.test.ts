import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { chooseCandidate } from '../../../core/choice/chooseCandidate.js';
import {
  judgePath,
  nestedChoice,
  nestedRound,
  weighUnit,
  type NestedGround,
  type NestedSettings,
} from '../../../core/choice/nestedChoice.js';
import { knownRows, unitRows } from '../../../core/choice/division.js';
import { FULL_UNIT } from '../../../core/loop/unit.js';
import { seeded } from '../../../core/random.js';
import { classification } from '../../../core/tasks/classification.js';
import { bayesPath } from './bayes.js';

const STRENGTHS = [0.5, 2, 8];
const range = (n: number): Int32Array => Int32Array.from({ length: n }, (_, i) => i);

const settings: NestedSettings = {
  task: classification,
  metric: 'accuracy',
  outputs: 2,
  strengths: STRENGTHS,
  estimator: 'pvi',
  policies: ['clip'],
  outerFolds: 3,
  innerFolds: 5,
  minEffectiveSampleSize: 0.1,
  duplicateCap: 1,
  alpha: 0.05,
  flips: 999,
  seed: 1,
};

interface World {
  readonly ground: NestedGround;
  readonly tokens: number[][];
  readonly flipped: boolean[];
}

interface WorldShape {
  readonly cues: number; // tokens that tell the class
  readonly cueWords: number; // words for them, per class
  readonly right: number; // chance that a cue tells the truth
  readonly fillers: number; // tokens of 700 words that tell nothing
  readonly flips: number; // share of labels that are wrong
}

function world({ cues, cueWords, right, fillers, flips }: WorldShape): World {
  const n = 1500;
  const random = seeded(5, 'world');
  const truth = Int32Array.from({ length: n }, () => random.below(2));
  const times = (count: number, token: () => number): number[] => Array.from({ length: count }, token);
  const tokens = [...truth].map((target) => [
    ...times(cues, () => (random.next() < right ? target : 1 - target) * cueWords + random.below(cueWords)),
    ...times(fillers, () => 2 * cueWords + random.below(700)),
  ]);
  const flipped = [...truth].map(() => random.next() < flips);
  const targets = truth.map((target, i) => (flipped[i] ? 1 - target : target));
  const split = Uint8Array.from(targets, (_, row) => (row < 0.8 * n ? 0 : 1));
  return { ground: { targets, groups: range(n), split, classes: ['no', 'yes'] }, tokens, flipped };
}

describe('judging weights', () => {
  // Labels that are hard to tell, but all of them right: there is nothing to gain.
  const { ground, tokens } = world({ cues: 1, cueWords: 40, right: 0.7, fillers: 5, flips: 0 });
  const fit = bayesPath(tokens, ground.targets, 2, STRENGTHS);

  /** Scores everything once, then cross-validates: weights of training rows were made with the held-out labels. */
  const naive = async () => {
    const rows = knownRows(ground, 0);
    const { weighings } = await weighUnit(unitRows(ground, settings, FULL_UNIT), ground, settings, fit);
    const weightOf = weighings.get('clip')!.weights; // rows 0 … are the training rows
    const units = [0, 1, 2].map((fold) => unitRows(ground, settings, fold));
    const path = (weigh: (row: number) => number) =>
      Promise.all(
        units.map(async (unit) => ({
          rows: unit.heldOut,
          byStrength: await fit(unit, Float64Array.from(unit.training, weigh)),
        })),
      );
    const judge = async (policy: string, weigh: (row: number) => number) =>
      judgePath(policy, await path(weigh), rows, ground, settings);
    const uniform = await judge('uniform', () => 1);
    const incumbent = uniform.reduce((a, b) => (mean(b.merits) > mean(a.merits) ? b : a));
    const candidates = await judge('clip', (row) => weightOf[row]!);
    return chooseCandidate({ ...settings, round: 1, incumbent, candidates, groups: rows });
  };
  const mean = (values: Float64Array): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length;

  it('on rows whose labels made them finds a gain that is not there', async () => {
    const { summary } = await naive();
    assert.equal(summary.accepted, 'clip', summary.reason);
  });

  it('by the nested choice finds none, and keeps uniform', async () => {
    const { choice } = await nestedChoice(ground, settings, fit);
    assert.equal(choice.summary.accepted, null, choice.summary.reason);
    assert.equal(choice.chosen.policy, 'uniform');
  });
});

describe('the nested choice', () => {
  const { ground, tokens, flipped } = world({ cues: 5, cueWords: 1000, right: 1, fillers: 0, flips: 0.3 });
  const fit = bayesPath(tokens, ground.targets, 2, STRENGTHS);

  it('takes weights that help', async () => {
    const { choice, full } = await nestedChoice(ground, settings, fit);
    assert.equal(choice.summary.accepted, 'clip', choice.summary.reason);
    const weights = full.weighings.get('clip')!.weights;
    const meanOf = (isFlipped: boolean): number => {
      const of = [...weights].filter((_, i) => flipped[i] === isFlipped);
      return of.reduce((sum, weight) => sum + weight, 0) / of.length;
    };
    assert.ok(meanOf(true) < 0.5 * meanOf(false));
  });

  it('never shows a unit a label that it holds out', async () => {
    const seen: { training: Int32Array; heldOut: Int32Array }[] = [];
    await nestedChoice(ground, settings, (unit, weights) => {
      seen.push(unit);
      return fit(unit, weights);
    });
    const inner = settings.innerFolds;
    const perUnit = inner + 2; // evidence, uniform, clip
    assert.equal(seen.length, 4 * perUnit);
    for (let start = 0; start < seen.length; start += perUnit) {
      const heldOut = new Set(seen[start + inner]!.heldOut);
      for (const { training } of seen.slice(start, start + perUnit)) {
        assert.ok(!training.some((row) => heldOut.has(row)));
      }
    }
  });

  it('scores the next round by models that were trained with what it took', async () => {
    const first = await nestedChoice(ground, settings, fit);
    const seen: { training: Int32Array; heldOut: Int32Array; weights: Float64Array }[] = [];
    const next = await nestedRound(2, first.incumbent, ground, settings, (unit, weights) => {
      seen.push({ ...unit, weights });
      return fit(unit, weights);
    });
    assert.equal(next.choice.summary.round, 2);
    const perUnit = settings.innerFolds + 1; // evidence, the incumbent's policy
    assert.equal(seen.length, 4 * perUnit);
    for (let unit = 0; unit < 4; unit++) {
      const [fits, whole] = [
        seen.slice(unit * perUnit, (unit + 1) * perUnit - 1),
        seen[(unit + 1) * perUnit - 1]!,
      ];
      const taken = new Map([...whole.training].map((row, i) => [row, first.incumbent.weights[unit]![i]!]));
      for (const { training, weights } of fits) {
        assert.deepEqual(
          [...weights],
          [...training].map((row) => taken.get(row)!),
        );
        assert.ok(!training.some((row) => whole.heldOut.includes(row)));
      }
    }
  });

  it('keeps what it has where the next round brings nothing', async () => {
    const first = await nestedChoice(ground, settings, fit);
    const never = { ...settings, alpha: 0 };
    const next = await nestedRound(2, first.incumbent, ground, never, fit);
    assert.equal(next.choice.summary.accepted, null);
    assert.equal(next.incumbent, first.incumbent);
  });

  it('gives the same answer twice', async () => {
    const [first, second] = [
      await nestedChoice(ground, settings, fit),
      await nestedChoice(ground, settings, fit),
    ];
    assert.deepEqual(first.choice, second.choice);
  });
});
