import type { Evidence } from '../importance/estimator.js';
import { estimatorByName } from '../importance/index.js';
import type { Weighing } from '../weighting/index.js';
import {
  bestStrength,
  chooseCandidate,
  type CandidateJudgement,
  type Choice,
  type Judgement,
} from './chooseCandidate.js';
import { innerFolds, unitRows, type Divided, type UnitRows } from './division.js';
import { FULL_UNIT } from '../loop/unit.js';
import { outOfFoldEvidence, type EvidenceSettings, type FitPath } from './outOfFold.js';
import { poolLogits, type PathLogits } from './pooling.js';
import { scoreUnit } from './scoreUnit.js';
import { weighScores } from './weighScores.js';

export interface NestedSettings extends EvidenceSettings {
  readonly estimator: string;
  readonly policies: readonly string[]; // beside uniform
  readonly outerFolds: number;
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
  readonly evidenceIsRefined: boolean;
  readonly scores: Float64Array;
  readonly weighings: ReadonlyMap<string, Weighing>; // by policy
}

/** Weights that the evidence is made with: of a unit's training rows, in their order. Undefined: all 1. */
type Current = Float64Array | undefined;

const knownOf = ({ targets, groups }: Pick<NestedGround, 'targets' | 'groups'>, rows: Int32Array) => ({
  targets: rows.map((row) => targets[row]!),
  groups: rows.map((row) => groups[row]!),
});

const ones = (n: number): Float64Array => new Float64Array(n).fill(1);

/** Out-of-fold evidence of a unit's training rows → its regularisation → scores → weights for each policy. */
export async function weighUnit(
  { training: rows }: UnitRows,
  ground: NestedGround,
  settings: NestedSettings,
  fit: FitPath,
  current?: Float64Array,
): Promise<UnitWeights> {
  const folds = innerFolds(ground, rows, settings, settings.innerFolds);
  const picked = await outOfFoldEvidence(rows, folds, ground, settings, fit, current);
  const { sources } = ground;
  const evidence = { ...picked.evidence, ...(sources ? { sources: rows.map((row) => sources[row]!) } : {}) };
  const scores = scoreUnit(estimatorByName(settings.estimator), evidence, settings);
  return {
    evidence,
    evidenceStrength: picked.strength,
    evidenceIsRefined: picked.isRefined,
    scores,
    weighings: weighScores(scores, evidence, rows, ground, settings),
  };
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

/** What is in use after a round: how it was judged, and its weights by unit (undefined: uniform). */
export interface NestedIncumbent {
  readonly judgement: Judgement;
  readonly weights: readonly Current[];
}

export interface NestedOutcome {
  readonly choice: Choice;
  readonly incumbent: NestedIncumbent;
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
): Promise<NestedOutcome & { readonly uniformStrength: number }> {
  const played = await playPaths(ground, settings, fit, ['uniform', ...settings.policies]);
  const judgement = bestStrength(played.judge('uniform'));
  const outcome = decide(1, { judgement, weights: [] }, played, ground, settings);
  return { ...outcome, uniformStrength: judgement.strength };
}

/**
 * A further round: fresh evidence from models that were trained with the incumbent's weights, weighed by its policy
 * again, against the incumbent.
 */
export async function nestedRound(
  number: number,
  incumbent: NestedIncumbent,
  ground: NestedGround,
  settings: NestedSettings,
  fit: FitPath,
): Promise<NestedOutcome> {
  const again = { ...settings, policies: [incumbent.judgement.policy] };
  const played = await playPaths(ground, again, fit, again.policies, incumbent.weights);
  return decide(number, incumbent, played, ground, again);
}

/** Paths of some policies through all units. */
interface Played {
  readonly made: readonly UnitWeights[]; // by unit, the full one last
  readonly pooledRows: Int32Array;
  readonly judge: (policy: string) => CandidateJudgement[];
}

async function playPaths(
  ground: NestedGround,
  settings: NestedSettings,
  fit: FitPath,
  policies: readonly string[],
  current: readonly Current[] = [],
): Promise<Played> {
  const scheme = { seed: settings.seed, outerFolds: settings.outerFolds };
  const unitNumbers = [...Array.from({ length: settings.outerFolds }, (_, fold) => fold), FULL_UNIT];
  const units = unitNumbers.map((unit) => unitRows(ground, scheme, unit));
  const pooledRows = Int32Array.from(units.flatMap(({ heldOut }) => [...heldOut])).sort();
  const paths = new Map<string, PathLogits[]>(policies.map((policy) => [policy, []]));
  const made: UnitWeights[] = [];
  for (const [u, unit] of units.entries()) {
    const weighed = await weighUnit(unit, ground, settings, fit, current[u]);
    made.push(weighed);
    for (const [policy, parts] of paths) {
      const weights = weighed.weighings.get(policy)?.weights ?? ones(unit.training.length);
      parts.push({ rows: unit.heldOut, byStrength: await fit(unit, weights) });
    }
  }
  const sizeOf = (policy: string): number | undefined =>
    made.at(-1)!.weighings.get(policy)?.effectiveSampleSize;
  const judge = (policy: string): CandidateJudgement[] =>
    judgePath(policy, paths.get(policy)!, pooledRows, ground, settings, sizeOf(policy));
  return { made, pooledRows, judge };
}

function decide(
  round: number,
  incumbent: NestedIncumbent,
  { made, pooledRows, judge }: Played,
  ground: NestedGround,
  { task, policies, alpha, flips, seed }: NestedSettings,
): NestedOutcome {
  const pooled = knownOf(ground, pooledRows);
  const candidates = policies.flatMap(judge);
  const choice = chooseCandidate({
    round,
    incumbent: incumbent.judgement,
    candidates,
    groups: task.unitsOf(pooled).map((at) => pooled.groups[at]!),
    ...{ alpha, flips, seed },
  });
  const full = made.at(-1)!;
  if (choice.summary.accepted === null) return { choice, incumbent, full };
  const { policy, strength } = choice.chosen;
  const judgement = candidates.find((one) => one.policy === policy && one.strength === strength)!;
  const weights = made.map(({ weighings }) => weighings.get(policy)!.weights);
  return { choice, incumbent: { judgement, weights }, full };
}
