import type { Evidence } from '../importance/estimator.js';
import { estimatorByName } from '../importance/index.js';
import type { Task } from '../tasks/task.js';
import { policyByName, weighSamples, type Weighing } from '../weighting/index.js';
import { bestStrength, chooseCandidate, type CandidateJudgement, type Choice } from './chooseCandidate.js';
import { evidenceOf } from './evidenceStrength.js';
import { innerFolds, unitRows, withoutDuplicatesOf, type Divided, type UnitRows } from './division.js';
import { FULL_UNIT } from '../loop/unit.js';
import { poolLogits, type PathLogits } from './pooling.js';
import { scoreUnit } from './scoreUnit.js';

/**
 * Trains on `unit.training` once for each strength, and predicts `unit.heldOut`.
 *
 * @param weights of the training rows, in their order
 */
export type FitPath = (unit: UnitRows, weights: Float64Array) => Promise<readonly Float64Array[]>;

export interface NestedSettings {
  readonly task: Task;
  readonly metric: string;
  readonly outputs: number; // K
  readonly strengths: readonly number[]; // strongest regularisation first
  readonly estimator: string;
  readonly policies: readonly string[]; // beside uniform
  readonly outerFolds: number;
  readonly innerFolds: number;
  readonly minEffectiveSampleSize: number;
  readonly duplicateCap: number;
  readonly alpha: number;
  readonly flips: number;
  readonly seed: number;
}

/** All samples of a run; only those of the splits train and validation are looked at. */
export interface NestedGround extends Divided {
  readonly clusters?: Int32Array; // near-duplicates
  readonly sources?: Int32Array; // who or what gave the target, for the policies that ask
}

/** Scores and weights of one unit, made from its training rows only. */
export interface UnitWeights {
  readonly evidence: Evidence; // in the order of the unit's training rows
  readonly evidenceStrength: number;
  readonly scores: Float64Array;
  readonly weighings: ReadonlyMap<string, Weighing>; // by policy
}

const knownOf = ({ targets, groups }: Pick<NestedGround, 'targets' | 'groups'>, rows: Int32Array) => ({
  targets: rows.map((row) => targets[row]!),
  groups: rows.map((row) => groups[row]!),
});

const ones = (n: number): Float64Array => new Float64Array(n).fill(1);

/** What out-of-fold evidence is made by. */
export type EvidenceSettings = Pick<
  NestedSettings,
  'task' | 'metric' | 'outputs' | 'strengths' | 'innerFolds'
>;

/**
 * Trains on all folds but one, for each of them, and takes the strength that predicts given labels best.
 *
 * @param rows ascending
 * @param folds of these rows, in their order
 */
export async function outOfFoldEvidence(
  rows: Int32Array,
  folds: Int32Array,
  ground: Pick<NestedGround, 'targets' | 'groups' | 'clusters'>,
  settings: EvidenceSettings,
  fit: FitPath,
): Promise<ReturnType<typeof evidenceOf>> {
  const parts: PathLogits[] = [];
  for (let fold = 0; fold < settings.innerFolds; fold++) {
    const heldOut = rows.filter((_, i) => folds[i] === fold);
    const others = rows.filter((_, i) => folds[i] !== fold);
    const training = withoutDuplicatesOf(heldOut, others, ground.clusters);
    parts.push({ rows: heldOut, byStrength: await fit({ training, heldOut }, ones(training.length)) });
  }
  const given = knownOf(ground, rows);
  const byStrength = poolLogits(parts, rows, settings.outputs);
  return evidenceOf({ ...settings, ...given, byStrength }, folds);
}

/** Out-of-fold evidence of a unit's training rows → its regularisation → scores → weights for each policy. */
export async function weighUnit(
  { training: rows }: UnitRows,
  ground: NestedGround,
  settings: NestedSettings,
  fit: FitPath,
): Promise<UnitWeights> {
  const folds = innerFolds(ground, rows, settings, settings.innerFolds);
  const { evidence: predicted, strength } = await outOfFoldEvidence(rows, folds, ground, settings, fit);
  const { sources } = ground;
  const evidence = sources ? { ...predicted, sources: rows.map((row) => sources[row]!) } : predicted;
  return { evidence, evidenceStrength: strength, ...weighEvidence(evidence, rows, ground, settings) };
}

/** Scores by the estimator, and weights by every policy. */
function weighEvidence(
  evidence: Evidence,
  rows: Int32Array,
  ground: Pick<NestedGround, 'clusters' | 'groups'>,
  settings: NestedSettings,
): Pick<UnitWeights, 'scores' | 'weighings'> {
  const scores = scoreUnit(estimatorByName(settings.estimator), evidence, settings);
  return { scores, weighings: weighScores(scores, evidence, rows, ground, settings) };
}

/** Weights by every policy, by its name. */
export function weighScores(
  scores: Float64Array,
  evidence: Evidence,
  rows: Int32Array,
  { clusters, groups }: Pick<NestedGround, 'clusters' | 'groups'>,
  settings: Pick<NestedSettings, 'task' | 'policies' | 'minEffectiveSampleSize' | 'duplicateCap'> & {
    readonly reliability?: number;
  },
): ReadonlyMap<string, Weighing> {
  const { task, policies, minEffectiveSampleSize, duplicateCap, reliability } = settings;
  const capped = task.duplicates === 'join' ? clusters : undefined;
  const options = {
    ...{ minEffectiveSampleSize, duplicateCap },
    ...(reliability === undefined ? {} : { reliability }),
    ...(capped ? { clusters: rows.map((row) => capped[row]!) } : {}),
    ...(task.weighs === 'groups' ? { alike: rows.map((row) => groups[row]!) } : {}),
  };
  const weigh = (policy: string): Weighing =>
    weighSamples(policyByName(policy), { evidence, scores }, options);
  return new Map(policies.map((policy) => [policy, weigh(policy)]));
}

/** What the pooled held-out rows say of one policy over the grid of strengths. */
export function judgePath(
  policy: string,
  parts: readonly PathLogits[],
  pooledRows: Int32Array,
  ground: Pick<NestedGround, 'targets' | 'groups'>,
  settings: Pick<NestedSettings, 'task' | 'metric' | 'outputs' | 'strengths'>,
  effectiveSampleSize = 1,
): CandidateJudgement[] {
  const { task, metric, outputs, strengths } = settings;
  const pooled = knownOf(ground, pooledRows);
  return poolLogits(parts, pooledRows, outputs).map((values, s) => ({
    policy,
    strength: strengths[s]!,
    merits: task.merit({ ...pooled, logits: { rows: pooledRows.length, cols: outputs, values } }, metric),
    effectiveSampleSize,
  }));
}

export interface NestedOutcome {
  readonly choice: Choice;
  /** Uniform's best strength: the incumbent of the round. */
  readonly uniformStrength: number;
  /** Weights of all training rows (the last unit), for the final fit. */
  readonly full: UnitWeights;
}

/**
 * The whole first round: for each outer fold, and for the full training split judged on validation, scores and weights
 * are made anew from that side's training rows only; every policy is trained over the grid of strengths; pooled
 * predictions decide between them and retuned uniform.
 */
export async function nestedChoice(
  ground: NestedGround,
  settings: NestedSettings,
  fit: FitPath,
): Promise<NestedOutcome> {
  const scheme = { seed: settings.seed, outerFolds: settings.outerFolds };
  const unitNumbers = [...Array.from({ length: settings.outerFolds }, (_, fold) => fold), FULL_UNIT];
  const units = unitNumbers.map((unit) => unitRows(ground, scheme, unit));
  const pooledRows = Int32Array.from(units.flatMap(({ heldOut }) => [...heldOut])).sort();
  const paths = new Map<string, PathLogits[]>(
    ['uniform', ...settings.policies].map((policy) => [policy, []]),
  );
  let full: UnitWeights | undefined;
  for (const unit of units) {
    full = await weighUnit(unit, ground, settings, fit);
    for (const [policy, parts] of paths) {
      const weights = full.weighings.get(policy)?.weights ?? ones(unit.training.length);
      parts.push({ rows: unit.heldOut, byStrength: await fit(unit, weights) });
    }
  }
  const judge = (policy: string): CandidateJudgement[] =>
    judgePath(
      policy,
      paths.get(policy)!,
      pooledRows,
      ground,
      settings,
      full?.weighings.get(policy)?.effectiveSampleSize,
    );
  const incumbent = bestStrength(judge('uniform'));
  const pooled = knownOf(ground, pooledRows);
  const choice = chooseCandidate({
    round: 1,
    incumbent,
    candidates: settings.policies.flatMap(judge),
    groups: settings.task.unitsOf(pooled).map((at) => pooled.groups[at]!),
    alpha: settings.alpha,
    flips: settings.flips,
    seed: settings.seed,
  });
  return { choice, uniformStrength: incumbent.strength, full: full! };
}
