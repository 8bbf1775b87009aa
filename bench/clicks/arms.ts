import type { DenseMatrix } from '../../contracts/matrix.js';
import { calibrationShift } from '../../core/calibration/shift.js';
import { clickMasses, examinedMasses, type ItemMasses } from '../../core/counterfactual/examination.js';
import { calibrationRatio, normalizedEntropy, rankingMetricByName } from '../../core/metrics/index.js';
import { fitSourceTrust } from '../../core/weighting/index.js';
import { simulateClicks, type ClickLog, type ClickPlan } from '../../datasets/clickLog.js';
import { trees } from '../../models/trees.js';
import type { PairWorld } from './world.js';

/** Chance of a click by a person who looks, by grade: the truth of the simulation. */
export const ATTRACTIVENESS = [0.05, 0.4, 0.9];
const FOLDS = 5;
const ROUNDS = 2; // of trust in sessions
const TREES = { trees: 60, maxLeaves: 8, minSamplesLeaf: 80, earlyStopping: null };

/** A way to learn from the log, judged on test queries that nobody was shown. */
export interface ArmFigures {
  readonly arm: string;
  readonly ndcg: number; // @10, by the true grades
  readonly normalizedEntropy: number; // of clicks by people who look
  readonly calibration: number; // predicted over true click rate of the same
  readonly raw: number; // the same before recalibration
}

/** Log-odds of a click if looked at, of pairs. */
type Predictor = (pairs: Int32Array) => Float64Array;

/** A log of one side of the split, with what is believed of its sessions. */
interface SideLog {
  readonly rows: Int32Array; // of the world, by pair of the log
  readonly log: ClickLog;
  readonly trust: Float64Array; // (sessions,)
  readonly weights: Float64Array; // (n,), of impressions: the trust in their session
}

/** Naive, IPS, IPS with session weights, and a model that was told the truth. */
export async function measureArms(world: PairWorld, plan: Omit<ClickPlan, 'attractiveness'>) {
  const training = await believe(world, logOf(world, 'train', plan));
  const validation = await believe(world, logOf(world, 'val', { ...plan, sessions: plan.sessions / 4 }));
  const grades = pick(world.grades, training.rows);
  const shown = timesShown(training);
  const truth: ItemMasses = {
    items: Int32Array.from(training.rows.keys()),
    shown,
    positive: shown.map((times, pair) => times * ATTRACTIVENESS[grades[pair]!]!),
    negative: shown.map((times, pair) => times * (1 - ATTRACTIVENESS[grades[pair]!]!)),
  };
  const test = logOf(world, 'test', { ...plan, bots: 0 });
  const all = ({ log: { pairs, ...rest } }: SideLog) => ({ items: pairs, ...rest });
  const trusted = (side: SideLog) => ({ ...all(side), weights: side.weights });
  const masses: readonly (readonly [string, (side: SideLog) => ItemMasses])[] = [
    ['naive', (side) => clickMasses(all(side))],
    ['session weights alone', (side) => clickMasses(trusted(side))],
    ['IPS', (side) => examinedMasses(all(side))],
    ['IPS + session weights', (side) => examinedMasses(trusted(side))],
  ];
  const arms: ArmFigures[] = [];
  for (const [arm, massesOf] of masses) {
    const predict = await learn(world.features, training.rows, massesOf(training));
    const calibrated = recalibrated(predict, validation, massesOf(validation));
    arms.push({ arm, ...judge(world, test, calibrated), raw: judge(world, test, predict).calibration });
  }
  const told = await learn(world.features, training.rows, truth);
  arms.push({
    arm: 'told the truth',
    ...judge(world, test, told),
    raw: judge(world, test, told).calibration,
  });
  const mean = (isBot: number): number => {
    const kind = training.trust.filter((_, session) => training.log.bots[session] === isBot);
    return kind.reduce((sum, value) => sum + value, 0) / kind.length;
  };
  return { arms, botsCaught: 1 - mean(1), peopleKept: mean(0) };
}

function logOf(world: PairWorld, side: string, plan: Omit<ClickPlan, 'attractiveness'>) {
  const rows = rowsOf(world, side);
  const own = { queries: pick(world.queries, rows), grades: pick(world.grades, rows) };
  return { rows, log: simulateClicks(own, { ...plan, attractiveness: ATTRACTIVENESS }) };
}

/** How often each pair was shown, (m,). */
function timesShown({ rows, log }: Pick<SideLog, 'rows' | 'log'>): Float64Array {
  const times = new Float64Array(rows.length);
  for (const pair of log.pairs) times[pair]! += 1;
  return times;
}

/** One shift of the log-odds, so that predictions of validation items add up to what their clicks say. */
function recalibrated(
  predict: Predictor,
  { rows }: SideLog,
  { items, positive, shown }: ItemMasses,
): Predictor {
  const total = (masses: Float64Array): number => masses.reduce((sum, mass) => sum + mass, 0);
  const shift = calibrationShift(predict(pick(rows, items)), total(positive) / total(shown), shown);
  return (pairs) => predict(pairs).map((logOdds) => logOdds + shift);
}

const rowsOf = ({ split }: PairWorld, side: string): Int32Array =>
  Int32Array.from(split.keys()).filter((row) => split[row] === side);

const pick = (values: Int32Array, rows: Int32Array): Int32Array => rows.map((row) => values[row]!);

/** Every item is one positive and one negative row, weighed by its masses. */
async function learn(
  features: DenseMatrix,
  rows: Int32Array,
  { items, positive, negative }: ItemMasses,
): Promise<Predictor> {
  const twice = Int32Array.from({ length: 2 * items.length }, (_, i) => rows[items[i >> 1]!]!);
  const masses = Float64Array.from(twice, (_, i) => (i % 2 === 0 ? positive : negative)[i >> 1]!);
  const mean = masses.reduce((sum, mass) => sum + mass, 0) / masses.length;
  const set = {
    input: { kind: 'dense' as const, matrix: select(features, twice) },
    targets: Int32Array.from(twice, (_, i) => 1 - (i % 2)),
    outputs: 2,
    sampleWeights: masses.map((mass) => mass / mean),
  };
  const params = trees.paramsSchema.parse(TREES);
  const model = await trees.fit(set, params, { seed: 0 });
  return (pairs) => {
    const logits = model.predictLogits({ kind: 'dense', matrix: select(features, pairs) });
    return Float64Array.from(pairs, (_, i) => logits[2 * i + 1]! - logits[2 * i]!);
  };
}

function select({ cols, values }: DenseMatrix, rows: Int32Array): DenseMatrix {
  const chosen = new Float64Array(rows.length * cols);
  rows.forEach((row, i) => chosen.set(values.subarray(row * cols, (row + 1) * cols), i * cols));
  return { rows: rows.length, cols, values: chosen };
}

/**
 * Trust in each session, from predictions of models that saw neither its queries nor their items: IPS at first, then IPS
 * with the trust so far.
 */
async function believe(world: PairWorld, { rows, log }: Pick<SideLog, 'rows' | 'log'>): Promise<SideLog> {
  let weights = new Float64Array(log.pairs.length).fill(1);
  let trust = new Float64Array(log.bots.length).fill(1);
  for (let round = 0; round < ROUNDS; round++) {
    const relevance = await outOfFold(world, { rows, log, trust, weights });
    const logProbabilities = Float64Array.from(log.pairs, (pair, i) => {
      const click = Math.min(Math.max(log.examination[i]! * relevance[pair]!, 1e-6), 1 - 1e-6);
      return Math.log(log.clicks[i] ? click : 1 - click);
    });
    const fitted = fitSourceTrust(logProbabilities, Int32Array.from(log.clicks), log.sessions, 2);
    trust = Float64Array.from(log.bots, (_, session) => fitted.trust.get(session)!);
    weights = Float64Array.from(log.sessions, (session) => trust[session]!);
  }
  return { rows, log, trust, weights };
}

/** Probability of a click if looked at, of each pair, by a model of the other queries. */
async function outOfFold(world: PairWorld, { rows, log, weights }: SideLog): Promise<Float64Array> {
  const foldOf = (pair: number): number => world.queries[rows[pair]!]! % FOLDS;
  const relevance = new Float64Array(rows.length);
  for (let fold = 0; fold < FOLDS; fold++) {
    const others = Int32Array.from(log.pairs.keys()).filter((i) => foldOf(log.pairs[i]!) !== fold);
    const masses = examinedMasses({
      items: pick(log.pairs, others),
      clicks: others.map((i) => log.clicks[i]!),
      examination: Float64Array.from(others, (i) => log.examination[i]!),
      weights: Float64Array.from(others, (i) => weights[i]!),
    });
    const predict = await learn(world.features, rows, masses);
    const own = Int32Array.from(rows.keys()).filter((pair) => foldOf(pair) === fold);
    predict(pick(rows, own)).forEach((logOdds, i) => (relevance[own[i]!] = probability(logOdds)));
  }
  return relevance;
}

const probability = (logOdds: number): number => 1 / (1 + Math.exp(-logOdds));

function judge(
  world: PairWorld,
  { rows: test, log }: Pick<SideLog, 'rows' | 'log'>,
  predict: Predictor,
): Omit<ArmFigures, 'arm' | 'raw'> {
  const times = timesShown({ rows: test, log });
  const predicted = predict(test).map(probability);
  const grades = pick(world.grades, test);
  const clicked = Float64Array.from(grades, (grade) => ATTRACTIVENESS[grade]!);
  // Every pair once as clicked and once as not, weighed by how often either happens where people look.
  const outcomes = {
    targets: Int32Array.from({ length: 2 * test.length }, (_, i) => 1 - (i % 2)),
    outputs: 2,
    probabilities: Float64Array.from({ length: 4 * test.length }, (_, at) => {
      const p = predicted[at >> 2]!;
      return at % 2 === 0 ? 1 - p : p;
    }),
    sampleWeights: Float64Array.from(
      { length: 2 * test.length },
      (_, i) => times[i >> 1]! * (i % 2 === 0 ? clicked[i >> 1]! : 1 - clicked[i >> 1]!),
    ),
  };
  return {
    ndcg: rankingMetricByName('ndcg@10').compute({
      scores: predicted,
      grades,
      queries: pick(world.queries, test),
    }),
    normalizedEntropy: normalizedEntropy.weighted.compute(outcomes),
    calibration: calibrationRatio(
      outcomes.targets,
      Float64Array.from(outcomes.targets, (_, i) => predicted[i >> 1]!),
      outcomes.sampleWeights,
    ),
  };
}
