/**
 * Whether it helps to weigh sentences by how many annotators agreed: `ASSAY_DATA_DIR=… npm run bench -- agreement`. Each arm takes
 * the strength that validation rows like best; differences from uniform weights are paired, 95% bootstrap by near-duplicate cluster.
 */
import { innerFolds, unitRows } from '../core/choice/division.js';
import { outOfFoldEvidence } from '../core/choice/outOfFold.js';
import { FULL_UNIT } from '../core/loop/unit.js';
import { classification } from '../core/tasks/classification.js';
import { policyByName, weighSamples } from '../core/weighting/index.js';
import { financialPhrasebank } from '../datasets/financialPhrasebank.js';
import { classFigure, compared, type Figure } from './recipes/paired.js';
import { clustersOf, every, fitted, groundOf, STRENGTHS, type Ground } from './recipes/texts.js';

const METRIC = 'f1_macro';
const POLICIES = ['noise_posterior', 'source_noise'];

const ground = await groundOf({ set: financialPhrasebank });
const { training, validation, heldOut, targets, outputs } = ground;
const agreement = Int32Array.from(ground.set.table.columns['agreement'] as readonly string[], Number);

/** Weights of the training rows, 0 = left out, by the name of the arm. */
async function arms(): Promise<ReadonlyMap<string, Float64Array>> {
  const level = Float64Array.from(training, (row) => agreement[row]!);
  return new Map([
    ['uniform', level.map(() => 1)],
    ['share of agreement as weight', level.map((percent) => percent / 100)],
    ['only rows of 75% and more', level.map((percent) => Number(percent >= 75))],
    ['only rows of full agreement', level.map((percent) => Number(percent === 100))],
    ...(await byPolicy(ground)),
  ]);
}

/** Weights of policies that read out-of-fold evidence, the agreement being who gave the label. */
async function byPolicy({ set }: Ground): Promise<(readonly [string, Float64Array])[]> {
  const clusters = clustersOf(ground, Int32Array.from(targets.keys()));
  const classes = Array.from({ length: outputs }, (_, code) => String(code));
  const samples = { split: Uint8Array.from(set.split), targets, classes, groups: clusters, clusters };
  const scheme = { seed: 42, outerFolds: 3 };
  const { training: rows } = unitRows(samples, scheme, FULL_UNIT);
  const settings = {
    ...{ task: classification, metric: METRIC, outputs, strengths: STRENGTHS, innerFolds: 5, refinements: 3 },
    ...{ minEffectiveSampleSize: 0.3, duplicateCap: 1 },
  };
  const folds = innerFolds(samples, rows, scheme, settings.innerFolds);
  const { evidence } = await outOfFoldEvidence(
    rows,
    folds,
    samples,
    settings,
    async (unit, weights, strengths = STRENGTHS) => {
      const logits = [];
      for (const C of strengths) logits.push((await fitted(ground, C, unit.training, weights))(unit.heldOut));
      return logits;
    },
  );
  const input = {
    evidence: { ...evidence, sources: rows.map((row) => agreement[row]!) },
    scores: new Float64Array(rows.length),
  };
  return POLICIES.map((name) => [name, weighSamples(policyByName(name), input, settings).weights] as const);
}

/** Macro F1 of the test rows at the strength that validation rows like best. */
async function judged(weights: Float64Array): Promise<{ C: number; figure: Figure }> {
  const kept = training.filter((_, i) => weights[i]! > 0);
  const own = weights.filter((weight) => weight > 0);
  const figureOf = (rows: Int32Array, logits: Float64Array): Figure =>
    classFigure(
      METRIC,
      rows.map((row) => targets[row]!),
      outputs,
      logits,
    );
  let best = { value: -Infinity, C: 0, figure: (() => NaN) as Figure };
  for (const C of STRENGTHS) {
    const predict = await fitted(ground, C, kept, own);
    const value = figureOf(validation, predict(validation))(every(validation));
    if (value > best.value) best = { value, C, figure: figureOf(heldOut, predict(heldOut)) };
  }
  return best;
}

const sides = [
  ['all test rows', every(heldOut)],
  ['test rows of full agreement', every(heldOut).filter((at) => agreement[heldOut[at]!] === 100)],
] as const;
const clusters = clustersOf(ground);
const found = new Map<string, Awaited<ReturnType<typeof judged>>>();
for (const [name, weights] of await arms()) found.set(name, await judged(weights));
const fixed = (value: number): string => value.toFixed(4);
for (const [side, rows] of sides) {
  console.log(
    `\n${side}: ${rows.length}\n\n| weights | C | ${METRIC} | over uniform, 95% |\n|---|---|---|---|`,
  );
  const on =
    (figure: Figure): Figure =>
    (at) =>
      figure(at.map((place) => rows[place]!));
  for (const [name, { C, figure }] of found) {
    const line = {
      recipe: `agreement.${side}`,
      metric: METRIC,
      how: '',
      groups: rows.map((at) => clusters[at]!),
    };
    const { ours, theirs, low, high } = compared({
      ...line,
      ours: on(figure),
      theirs: on(found.get('uniform')!.figure),
    });
    console.log(
      `| ${name} | ${C} | ${fixed(ours)} | ${fixed(ours - theirs)} [${fixed(low)}, ${fixed(high)}] |`,
    );
  }
}
