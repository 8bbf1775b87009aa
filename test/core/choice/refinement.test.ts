import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { EvidenceGrid, OutOfFold } from '../../../core/choice/evidenceStrength.js';
import { outOfFoldEvidence, type EvidenceSettings } from '../../../core/choice/outOfFold.js';
import { refinements } from '../../../core/choice/refinement.js';
import { selfConfidence } from '../../../core/importance/selfConfidence.js';
import { scoreSamples } from '../../../core/importance/scoreSamples.js';
import { rocAuc } from '../../../core/metrics/index.js';
import { seeded } from '../../../core/random.js';
import { classification } from '../../../core/tasks/classification.js';
import { fitNoisePosterior, weigh } from '../../../core/weighting/index.js';
import { bayesPath } from './bayes.js';

const CLASSES = 4;
const STRENGTHS = [0.02, 0.5, 8];
const settings: EvidenceSettings = {
  task: classification,
  metric: 'accuracy',
  outputs: CLASSES,
  strengths: STRENGTHS,
  innerFolds: 5,
  minEffectiveSampleSize: 0.3,
  duplicateCap: 1,
};

/** Six words of a class each, of which a third tell another class; 30% of the labels are one class too high. */
function world() {
  const n = 1200;
  const random = seeded(7, 'pair');
  const truth = Int32Array.from({ length: n }, () => random.below(CLASSES));
  const tokens = [...truth].map((target) =>
    Array.from(
      { length: 6 },
      () => (random.next() < 2 / 3 ? target : random.below(CLASSES)) * 60 + random.below(60),
    ),
  );
  const targets = truth.map((target) => (random.next() < 0.3 ? (target + 1) % CLASSES : target));
  const wrong = truth.map((target, row) => Number(target !== targets[row]));
  const rows = Int32Array.from(truth.keys());
  return { ground: { targets, groups: rows }, rows, folds: rows.map((row) => row % 5), tokens, wrong };
}

describe('refined evidence', () => {
  const { ground, rows, folds, tokens, wrong } = world();
  const fit = bayesPath(tokens, ground.targets, CLASSES, STRENGTHS);
  const evidence = (times: number, path = fit) =>
    outOfFoldEvidence(rows, folds, ground, { ...settings, refinements: times }, path);
  const detection = async (times: number): Promise<number> => {
    const scores = scoreSamples(selfConfidence, (await evidence(times)).evidence, {
      random: seeded(1, 'unused'),
    });
    return rocAuc(
      scores.map((score) => -score),
      wrong,
    );
  };

  it('finds labels that are wrong by class, which the first models have learned', async () => {
    const [never, thrice] = [await detection(0), await detection(3)];
    assert.ok(thrice > never + 0.03, `AUROC ${never} without, ${thrice} with three refinements`);
    const picked = await evidence(3);
    assert.ok(picked.isRefined);
    assert.equal((await evidence(0)).isRefined, false);
  });

  it('never trains on a row that it predicts, and keeps to the strengths that it chose', async () => {
    const asked: number[][] = [];
    await evidence(2, (unit, weights, strengths) => {
      asked.push([...strengths!]);
      assert.equal(weights.length, unit.training.length);
      assert.ok(!unit.training.some((row) => unit.heldOut.includes(row)));
      return fit(unit, weights, strengths);
    });
    const path = Array<number[]>(5).fill(STRENGTHS); // of five folds
    const [first, second] = [asked[5]!, asked[10]!];
    assert.deepEqual([first.length, second.length], [1, 1]);
    assert.equal(STRENGTHS.indexOf(second[0]!), STRENGTHS.indexOf(first[0]!) + 1);
    const better = asked.at(-1)!;
    const once = (strengths: number[]) => Array<number[]>(5).fill(strengths);
    assert.deepEqual(asked, [...path, ...once(first), ...once(second), ...once(better)]);
  });

  it('is the same twice', async () => {
    const [first, second] = [await evidence(2), await evidence(2)];
    assert.deepEqual(first, second);
  });

  it('ends where it predicts given labels worse', async () => {
    let calls = 0;
    const worseLater: typeof fit = async (unit, weights, strengths) => {
      const logits = await fit(unit, weights, strengths);
      return calls++ < 5 ? logits : logits.map((one) => one.map((value) => -value));
    };
    const { isRefined } = await evidence(3, worseLater);
    assert.deepEqual([isRefined, calls], [false, 5 + 2 * 5]);
  });
});

describe('what is trained again', () => {
  // of three strengths: right on one, two and one of three rows
  const logits = [
    [3, 0, 1, 0, 1, 0],
    [2, 0, 0, 3, 1, 0],
    [0, 1, 0, 9, 2, 0],
  ];
  const targets = Int32Array.of(0, 1, 1);
  const gridOf = (strengths: readonly number[]): EvidenceGrid => ({
    ...{ task: classification, metric: 'accuracy', targets, outputs: 2 },
    predicted: strengths.map((strength, s) => ({ strength, logits: Float64Array.from(logits[s]!) })),
  });
  const rows = Int32Array.of(0, 1, 2);
  const again = (strengths: readonly number[], latest?: readonly OutOfFold[]) =>
    refinements(gridOf(strengths), latest, rows, { groups: rows }, settings);

  it('is the best strength and the next weaker one, whichever way strengths go', () => {
    const strengthsOf = (grid: readonly number[]) => again(grid).map(({ strength }) => strength);
    assert.deepEqual(strengthsOf([0.25, 1, 4]), [1, 4]);
    assert.deepEqual(strengthsOf([200, 30, 3]), [30, 3]);
    assert.deepEqual(strengthsOf([0.25, 1]), [1]);
  });

  it('is then the better of what they gave, or nothing', () => {
    const worse = { strength: 1, logits: Float64Array.from(logits[0]!) };
    const better = { strength: 4, logits: Float64Array.from([3, 0, 0, 1, 0, 1]) };
    const only = again([0.25, 1, 4], [worse, better]);
    assert.deepEqual(
      only.map(({ strength }) => strength),
      [4],
    );
    assert.deepEqual(again([0.25, 1, 4], [worse]), []);
    assert.deepEqual(again([0.25, 1, 4], []), []);
  });

  it('is weighed by the noise posterior of its own predictions, with mean 1 and the floor', () => {
    for (const [i, { weights }] of again([0.25, 1, 4]).entries()) {
      const { posterior } = fitNoisePosterior(Float64Array.from(logits[i + 1]!), targets, 2);
      assert.deepEqual(weights, weigh(posterior, { minEffectiveSampleSize: 0.3, duplicateCap: 1 }).weights);
    }
  });
});
