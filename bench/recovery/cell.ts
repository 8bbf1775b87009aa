import { bestStrength, type Judgement } from '../../core/choice/chooseCandidate.js';
import { knownRows, unitRows, type UnitRows } from '../../core/choice/division.js';
import { FULL_UNIT } from '../../core/loop/unit.js';
import {
  judgePath,
  nestedChoice,
  nestedRound,
  type NestedGround,
  type NestedIncumbent,
} from '../../core/choice/nestedChoice.js';
import type { FitPath } from '../../core/choice/outOfFold.js';
import { averagePrecision, rocAuc } from '../../core/metrics/index.js';
import { logProbabilityOf } from '../../core/probability.js';
import { seeded } from '../../core/random.js';
import { selectRows } from '../../core/sparse.js';
import { classification } from '../../core/tasks/classification.js';
import type { Judged, Task } from '../../core/tasks/index.js';
import { bootstrapMeans, percentiles, weightedMean } from '../../core/statistics/bootstrap.js';
import { shuffleWithin, strataOf } from '../../core/weighting/index.js';
import type { Tensor } from '../../contracts/matrix.js';
import type { FittedModel } from '../../contracts/model.js';
import { linear } from '../../models/linear.js';
import { makeWorld, type Noise, type Setting, type World } from './world.js';

export const STRENGTHS = [0.25, 1, 4, 16, 64];
export const POLICIES = ['clip', 'confident_learning', 'noise_posterior'];
const OUTER_FOLDS = 3;
const INNER_FOLDS = 5;
/** As `loop.maxRounds`; a round that is not accepted is the last. */
const MAX_ROUNDS = 3;

/**
 * Test accuracies (shares; where classes are unbalanced, balanced accuracies) of one set, noise and seed; the seed also
 * cuts the folds.
 */
export interface Cell {
  readonly set: string;
  readonly rate: number;
  readonly seed: number;
  readonly noise?: Noise; // uniform in cells that were measured before there was a choice
  readonly fixed: number; // uniform weights, the baselines' strength
  readonly tuned: number; // uniform weights, strength by nested accuracy on given labels
  readonly tunedStrength: number;
  readonly oracle: number; // flipped rows deleted, tuned alike
  readonly shuffled: number; // the best candidate's weights dealt out anew, at its strength
  readonly auto: number; // what the loop ends with
  readonly afterFirst?: number; // what its first round takes; not in cells that were measured with one round
  readonly rounds?: number; // accepted ones
  /** 95% interval of auto − tuned over test rows, paired, by near-duplicate cluster. */
  readonly gain?: { readonly low: number; readonly high: number };
  readonly chosen: string;
  readonly chosenStrength: number;
  readonly pValue: number; // of the best candidate
  readonly policies: Readonly<
    Record<string, { accuracy: number; strength: number; gain: number; pValue: number }>
  >;
  readonly auroc: Readonly<Record<'pvi' | 'self_confidence', number>>;
  readonly averagePrecision: Readonly<Record<'pvi' | 'self_confidence', number>>;
  /** The candidate that gains most over tuned uniform by the true labels of the judged rows: shares; not in older cells. */
  readonly hindsight?: { readonly policy: string; readonly gain: number; readonly gainOnGiven: number };
  readonly evidenceStrength: number;
  readonly evidenceIsRefined?: boolean; // not in cells that were measured before evidence was refined
  readonly seconds: number;
}

/** Runs every arm of one cell. */
export async function measureCell(setting: Setting & { refinements: number }): Promise<Cell> {
  const { set, rate, seed, refinements, noise = 'uniform' } = setting;
  const started = Date.now();
  const world = await makeWorld(setting);
  const named = noise === 'source' ? [...POLICIES, 'source_noise'] : POLICIES;
  const ground = { ...world, targets: world.given, groups: world.clusters };
  const learner = createLearner(world, ground);
  const watched = watchMerits();
  const settings = {
    task: watched.task,
    metric: world.metric,
    outputs: world.classes.length,
    strengths: STRENGTHS,
    estimator: 'pvi',
    policies: named,
    outerFolds: OUTER_FOLDS,
    innerFolds: INNER_FOLDS,
    refinements,
    minEffectiveSampleSize: 0.3,
    duplicateCap: 1,
    alpha: 0.05,
    flips: 2000,
    seed,
  };
  const first = await nestedChoice(ground, settings, learner.fit);
  const { choice, uniformStrength, full } = first;
  const byTruth = watched.means(
    world.truth.filter((_, row) => world.split[row] !== 2),
    1 + named.length,
  );
  const onTest = learner.onTest(['uniform', ...named]); // fitted last, in this order
  const meritsOf = (policy: string, strength: number): Float64Array =>
    onTest.get(policy)![STRENGTHS.indexOf(strength)]!;
  const accuracyOf = (policy: string, strength: number): number => weightedMean(meritsOf(policy, strength));
  const candidates = choice.summary.candidates;
  const policies = Object.fromEntries(
    named.map((policy) => {
      const own = candidates.filter((candidate) => candidate.policy === policy);
      const best = own.reduce((a, b) => (b.metric > a.metric ? b : a));
      const { strength, gain, pValue } = best;
      return [policy, { accuracy: accuracyOf(policy, strength), strength, gain, pValue }];
    }),
  );
  const best = candidates.reduce((a, b) => (b.gain > a.gain ? b : a));
  const taken = meritsOf(choice.chosen.policy, choice.chosen.strength);
  const ended = await furtherRounds(first.incumbent, taken, learner, ground, settings);
  const weights = full.weighings.get(best.policy)!.weights;
  const { training } = unitRows(ground, settings, FULL_UNIT);
  const strata = strataOf(full.evidence.targets, settings.outputs, full.evidence.folds);
  const dealt = shuffleWithin(weights, strata, seeded(seed, 'shuffled'));
  const flipped = training.map((row) => Number(world.given[row] !== world.truth[row]));
  const confidences = logProbabilityOf(full.evidence.targets, full.evidence.logits!, settings.outputs);
  const suspicion = { pvi: full.scores.map((s) => -s), self_confidence: confidences.map((c) => -c) };
  return {
    set,
    rate,
    seed,
    noise,
    fixed: (await learner.test(training, ones(training.length), [world.fixedStrength]))[0]!,
    tuned: accuracyOf('uniform', uniformStrength),
    tunedStrength: uniformStrength,
    oracle:
      rate === 0 ? accuracyOf('uniform', uniformStrength) : await oracle(world, ground, learner, settings),
    shuffled: (await learner.test(training, dealt, [best.strength]))[0]!,
    auto: weightedMean(ended.merits),
    afterFirst: weightedMean(taken),
    rounds: ended.rounds,
    gain: learner.interval(ended.merits, meritsOf('uniform', uniformStrength)),
    chosen: choice.chosen.policy,
    chosenStrength: ended.strength,
    pValue: best.pValue,
    policies,
    auroc: measured(suspicion, (scores) => rocAuc(scores, flipped)),
    averagePrecision: measured(suspicion, (scores) => averagePrecision(scores, flipped)),
    hindsight: hindsight(byTruth, uniformStrength, choice.summary.candidates),
    evidenceStrength: full.evidenceStrength,
    evidenceIsRefined: full.evidenceIsRefined,
    seconds: (Date.now() - started) / 1000,
  };
}

/** Classification that remembers what the first round judged: uniform and then each policy, over the grid. */
function watchMerits() {
  const seen: { metric: string; logits: Judged['logits'] }[] = [];
  const task: Task = {
    ...classification,
    merit: (judged, metric) => {
      seen.push({ metric, logits: judged.logits });
      return classification.merit(judged, metric);
    },
  };
  /** Mean merits of the last judgements, by other labels of the same rows; evidence was judged before. */
  const means = (targets: Int32Array, policies: number): number[] =>
    seen
      .slice(-STRENGTHS.length * policies)
      .map(({ metric, logits }) => weightedMean(classification.merit({ targets, logits }, metric)));
  return { task, means };
}

function hindsight(
  byTruth: readonly number[],
  uniformStrength: number,
  candidates: readonly { policy: string; strength: number; gain: number }[],
): NonNullable<Cell['hindsight']> {
  const tuned = byTruth[STRENGTHS.indexOf(uniformStrength)]!;
  const gains = candidates.map((_, i) => byTruth[STRENGTHS.length + i]! - tuned);
  const best = gains.indexOf(Math.max(...gains));
  const { policy, strength, gain } = candidates[best]!;
  return { policy: `${policy}@${strength}`, gain: gains[best]!, gainOnGiven: gain };
}

/** The rest of the loop: rounds until one is not accepted. */
async function furtherRounds(
  start: NestedIncumbent,
  taken: Float64Array,
  learner: Learner,
  ground: NestedGround,
  settings: Settings,
): Promise<{ rounds: number; strength: number; merits: Float64Array }> {
  let incumbent = start;
  let merits = taken;
  if (incumbent.judgement.policy === 'uniform') {
    return { rounds: 0, strength: incumbent.judgement.strength, merits };
  }
  for (let round = 2; round <= MAX_ROUNDS; round++) {
    const played = await nestedRound(round, incumbent, ground, settings, learner.fit);
    const { strength } = played.incumbent.judgement;
    if (played.choice.summary.accepted === null) return { rounds: round - 1, strength, merits };
    incumbent = played.incumbent;
    merits = learner.onTest(['again']).get('again')![STRENGTHS.indexOf(strength)]!;
  }
  return { rounds: MAX_ROUNDS, strength: incumbent.judgement.strength, merits };
}

const ones = (n: number): Float64Array => new Float64Array(n).fill(1);

function measured<K extends string>(
  scores: Record<K, Float64Array>,
  measure: (scores: Float64Array) => number,
): Record<K, number> {
  const entries = Object.entries<Float64Array>(scores).map(([name, values]) => [name, measure(values)]);
  return Object.fromEntries(entries) as Record<K, number>;
}

type Learner = ReturnType<typeof createLearner>;
type Settings = Parameters<typeof nestedChoice>[1];

/** Deletes exactly the flipped training rows, and tunes the strength as everywhere: by nested accuracy on given labels. */
async function oracle(
  world: World,
  ground: NestedGround,
  learner: Learner,
  settings: Settings,
): Promise<number> {
  const clean = (rows: Int32Array): Float64Array =>
    Float64Array.from(rows, (row) => (world.given[row] === world.truth[row] ? 1 : 0));
  const units = [0, 1, 2, FULL_UNIT].map((unit) => unitRows(ground, settings, unit));
  const parts = [];
  for (const unit of units) {
    parts.push({ rows: unit.heldOut, byStrength: await learner.fit(unit, clean(unit.training)) });
  }
  const pooled = Int32Array.from(units.flatMap(({ heldOut }) => [...heldOut])).sort();
  const judged: Judgement[] = judgePath('oracle', parts, pooled, ground, settings);
  return weightedMean(
    learner.onTest(['oracle']).get('oracle')![STRENGTHS.indexOf(bestStrength(judged).strength)]!,
  );
}

/** Trains on given labels; remembers what each fit on the whole training split does on the test split. */
function createLearner(world: World, ground: NestedGround) {
  const test = knownRows(ground, 2);
  const tested: Float64Array[][] = [];
  const outputs = world.classes.length;
  const firstModels = new WeakMap<Int32Array, Map<number, FittedModel>>(); // by training rows and strength
  const predictor = async (training: Int32Array, weights: Float64Array, strengths: readonly number[]) => {
    const kept = training.filter((_, i) => weights[i]! > 0); // weight 0 = absent
    const set = {
      input: { kind: 'sparse' as const, matrix: selectRows(world.features, kept) },
      targets: kept.map((row) => world.given[row]!),
      outputs,
      sampleWeights: weights.filter((weight) => weight > 0),
    };
    const models: FittedModel[] = [];
    let warmStart: readonly Tensor[] | undefined;
    const known = firstModels.get(training) ?? new Map<number, FittedModel>();
    firstModels.set(training, known);
    for (const C of strengths) {
      // The optimum is unique: the same rows' first model is a nearer start for other weights, nothing else.
      warmStart = known.get(C)?.tensors() ?? warmStart;
      const params = linear.paramsSchema.parse({ C });
      const model = await linear.fit(set, params, warmStart ? { seed: 0, warmStart } : { seed: 0 });
      warmStart = model.tensors();
      if (!known.has(C)) known.set(C, model);
      models.push(model);
    }
    return (rows: Int32Array): Float64Array[] => {
      const input = { kind: 'sparse' as const, matrix: selectRows(world.features, rows) };
      return models.map((model) => model.predictLogits(input));
    };
  };
  const merits = (predict: (rows: Int32Array) => Float64Array[]): Float64Array[] => {
    const targets = test.map((row) => world.truth[row]!);
    return predict(test).map((values) => {
      const logits = { rows: test.length, cols: outputs, values };
      return classification.merit({ targets, logits }, world.metric);
    });
  };
  const fit: FitPath = async (unit: UnitRows, weights, strengths = STRENGTHS) => {
    const predict = await predictor(unit.training, weights, strengths);
    if (unit.training.length === world.trainRows) tested.push(merits(predict));
    return predict(unit.heldOut);
  };
  return {
    fit,
    test: async (training: Int32Array, weights: Float64Array, strengths: readonly number[]) =>
      merits(await predictor(training, weights, strengths)).map((one) => weightedMean(one)),
    /** Merits of the test rows (by strength) of the latest fits on the whole training split, by name. */
    onTest: (names: readonly string[]): Map<string, Float64Array[]> =>
      new Map(names.map((name, i) => [name, tested[tested.length - names.length + i]!])),
    interval: (one: Float64Array, other: Float64Array): { low: number; high: number } =>
      percentiles(
        bootstrapMeans({
          values: one.map((merit, i) => merit - other[i]!),
          groups: test.map((row) => world.clusters[row]!),
          replicates: 2000,
          random: seeded(1, 'gain'),
        }),
        0.95,
      ),
  };
}
