import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { unitRows, type UnitRows } from '../../../core/choice/division.js';
import { FULL_UNIT } from '../../../core/loop/unit.js';
import { judgePath, weighUnit, type NestedSettings } from '../../../core/choice/nestedChoice.js';
import type { PathLogits } from '../../../core/choice/pooling.js';
import { argmaxRows } from '../../../core/probability.js';
import { seeded } from '../../../core/random.js';
import {
  boostOfRows,
  judgeBoost,
  proposeBoost,
  type BoostProposal,
  type SliceFactor,
} from '../../../core/slices/boost.js';
import { classification } from '../../../core/tasks/classification.js';
import { fitNoisePosterior, weigh } from '../../../core/weighting/index.js';
import { bayesPath } from '../choice/bayes.js';

const ROWS = 3000;
const NOISY = 2; // categories

interface Shape {
  readonly classes: number;
  readonly categories: number;
  readonly words: number; // that tell the class, per class and vocabulary
  readonly shared: number; // chance that such a word is one that all categories use
  readonly flips: number; // share of wrong labels in the noisy categories
  readonly toNext: boolean; // wrong labels are always the next class
}

/** Rows of several categories, two of them with wrong labels, and what uniform and denoised training make of them. */
async function twoNoisyCategories({ classes, categories, words, shared, flips, toNext }: Shape) {
  const random = seeded(5, 'w');
  const truth = Int32Array.from({ length: ROWS }, () => random.below(classes));
  const category = truth.map(() => random.below(categories));
  const tokens = [...truth].map((target, row) => {
    const own = (category[row]! * classes + target + classes) * words;
    const telling = Array.from(
      { length: 3 },
      () => (random.next() < shared ? target * words : own) + random.below(words),
    );
    return [...telling, ...Array.from({ length: 3 }, () => 100_000 + random.below(500))];
  });
  const targets = truth.map((target, row) => {
    if (category[row]! >= NOISY || random.next() >= flips) return target;
    return (target + 1 + (toNext ? 0 : random.below(classes - 1))) % classes;
  });
  const ground = {
    targets,
    groups: Int32Array.from(truth.keys()),
    split: Uint8Array.from(truth, (_, row) => (row < 0.8 * ROWS ? 0 : 1)),
    classes: Array.from({ length: classes }, (_, c) => `class ${c}`),
  };
  const settings: NestedSettings = {
    ...{ task: classification, metric: 'accuracy', outputs: classes, strengths: [2], estimator: 'pvi' },
    ...{ policies: ['noise_posterior'], outerFolds: 3, innerFolds: 3, minEffectiveSampleSize: 0.1 },
    ...{ duplicateCap: 1, alpha: 0.05, flips: 199, seed: 1 },
  };
  const fit = bayesPath(tokens, targets, classes, settings.strengths);
  const units = [0, 1, 2, FULL_UNIT].map((unit) => unitRows(ground, settings, unit));
  const pooled = Int32Array.from(units.flatMap(({ heldOut }) => [...heldOut])).sort();
  const made = await Promise.all(units.map((unit) => weighUnit(unit, ground, settings, fit)));
  const slicesOf = ({ training }: UnitRows) =>
    Array.from({ length: categories }, (_, c) => ({
      name: `category ${c}`,
      rows: Int32Array.from([...training].flatMap((row, at) => (category[row] === c ? at : []))),
    }));

  /** Every unit's proposal, from its own out-of-fold evidence; by plain error, all labels are believed. */
  const propose = (by: 'trusted' | 'plain', factors: readonly (readonly SliceFactor[])[]): BoostProposal[] =>
    units.map((unit, u) => {
      const { logits, targets: given } = made[u]!.evidence;
      const predicted = argmaxRows(logits!, classes);
      return proposeBoost({
        wrong: Uint8Array.from(given, (target, at) => (predicted[at] === target ? 0 : 1)),
        posterior:
          by === 'plain'
            ? new Float64Array(given.length).fill(1)
            : fitNoisePosterior(logits!, given, classes).posterior,
        slices: slicesOf(unit),
        ...{ factors: factors[u]!, refused: [], factor: 1.25, minSupport: 100, maxNoiseRate: 0.3 },
      });
    });

  /** Trains every unit on n·d·b / Σ d·b. */
  const train = (factors: readonly (readonly SliceFactor[])[], denoised = true): Promise<PathLogits[]> =>
    Promise.all(
      units.map(async (unit, u) => {
        const slices = slicesOf(unit);
        const rowsOf = (name: string) => slices.find((slice) => slice.name === name)!.rows;
        const b = boostOfRows(
          unit.training.length,
          factors[u]!.map(({ slice, factor }) => ({ rows: rowsOf(slice), factor })),
        );
        const d = made[u]!.weighings.get('noise_posterior')!.weights;
        const { weights } = weigh(b.map((boost, at) => boost * (denoised ? d[at]! : 1)));
        return { rows: unit.heldOut, byStrength: await fit(unit, weights) };
      }),
    );

  const meritsOf = (parts: readonly PathLogits[]) =>
    judgePath('', parts, pooled, ground, settings)[0]!.merits;
  const judge = (proposals: readonly BoostProposal[], incumbent: PathLogits[], boosted: PathLogits[]) => {
    const slice = proposals.at(-1)!.proposal!.slice;
    const inside = new Set(
      units.flatMap(({ heldOut }, u) =>
        [...heldOut].filter((row) => `category ${category[row]}` === proposals[u]!.proposal?.slice),
      ),
    );
    return judgeBoost({
      ...{ slice, earlier: [], planned: 1, alpha: 0.05, maxLoss: 0.003 },
      boosted: meritsOf(boosted),
      incumbent: meritsOf(incumbent),
      inside: Uint8Array.from(pooled, (row) => (inside.has(row) ? 1 : 0)),
      groups: pooled,
    });
  };
  const accuracy = (parts: readonly PathLogits[]): number =>
    judgePath('', parts, pooled, { ...ground, targets: truth }, settings)[0]!.merits.reduce(
      (sum, one) => sum + one,
      0,
    ) / pooled.length;
  return { units, propose, train, judge, accuracy, none: units.map((): SliceFactor[] => []) };
}

describe('two categories with labels that are wrong at random', () => {
  const shape = { classes: 4, categories: 8, words: 40, shared: 0.5, flips: 0.45, toNext: false };

  it('would be boosted by plain error', async () => {
    const { propose, none } = await twoNoisyCategories(shape);
    for (const { proposal } of propose('plain', none)) assert.match(proposal!.slice, /category [01]/);
  });

  it('go to relabelling, and no slice is boosted in their place', async () => {
    const { propose, none } = await twoNoisyCategories(shape);
    const proposals = propose('trusted', none);
    assert.deepEqual(
      proposals.map(({ proposal }) => proposal),
      [null, null, null, null],
    );
    const { relabel } = proposals.at(-1)!;
    assert.deepEqual(relabel.map(({ slice }) => slice).sort(), ['category 0', 'category 1']);
  });
});

describe('two categories in which every second label is the next class', () => {
  const shape = { classes: 3, categories: 5, words: 100, shared: 0.3, flips: 0.48, toNext: true };

  it('gain from denoising what boosts by plain error lose again', async () => {
    const { propose, train, accuracy, none } = await twoNoisyCategories(shape);
    const uniform = accuracy(await train(none, false));
    const denoised = accuracy(await train(none));
    let factors = none;
    for (let round = 0; round < 8; round++) {
      factors = propose('plain', factors).map(({ proposal }, u) => [
        ...factors[u]!.filter(({ slice }) => slice !== proposal?.slice),
        ...(proposal ? [proposal] : []),
      ]);
    }
    const boosted = accuracy(await train(factors));
    assert.ok(denoised > uniform + 0.015, `${uniform} → ${denoised}`);
    assert.ok(boosted < denoised - 0.02, `${denoised} → ${boosted}`);
  });

  for (const by of ['plain', 'trusted'] as const) {
    it(`are refused the first boost already, proposed by ${by} error`, async () => {
      const { propose, train, judge, none } = await twoNoisyCategories(shape);
      const proposals = propose(by, none);
      const boosted = await train(proposals.map(({ proposal }) => (proposal ? [proposal] : [])));
      const { accepted, test, reason } = judge(proposals, await train(none), boosted);
      assert.equal(accepted, false, reason);
      assert.ok(test.wins < test.losses && test.change < -0.003, reason);
    });
  }
});
