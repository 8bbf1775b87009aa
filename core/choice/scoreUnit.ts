import { withEvidence } from '../importance/evidence.js';
import type { Evidence, FeatureRows, ImportanceEstimator, OpenGame } from '../importance/estimator.js';
import { scoreSamples } from '../importance/scoreSamples.js';
import type { Tally } from '../importance/utility/tally.js';
import { seeded, type Random } from '../random.js';
import { selectRows } from '../sparse.js';

/** How a unit is scored. */
export interface UnitScoring {
  /** Of the estimator, not yet parsed. */
  readonly params?: unknown;
  readonly seed: number;
  /** What was played of the estimator's game already: a tally a turn, in order. */
  readonly tallies?: readonly Tally[];
}

/** A fold of the evidence as the validation side of the others. */
interface Turn {
  readonly own: Int32Array; // rows of the other folds
  readonly evidence: Evidence;
  readonly random: Random;
}

/**
 * Scores of a unit's training rows, (n,), in their order. For an estimator that wants a validation side each fold of the
 * evidence is that side in turn, and a row's score is the mean over the turns of the other folds: the run's own
 * validation split judges the candidates, so that scores must not be made of it.
 *
 * @throws RangeError where a kind of evidence that the estimator requires is missing
 */
export function scoreUnit(
  estimator: ImportanceEstimator,
  evidence: Evidence,
  { params, seed, tallies }: UnitScoring,
): Float64Array {
  const options = params === undefined ? {} : { params };
  const { folds } = evidence;
  if (!estimator.requires.includes('validation') || evidence.validation || !folds) {
    return scoreSamples(estimator, evidence, { ...options, random: seeded(seed, estimator.name) });
  }
  const total = new Float64Array(evidence.targets.length);
  const turns = new Float64Array(total.length);
  let turn = 0;
  for (const { own, evidence: part, random } of turnsOf(estimator, evidence, seed)) {
    const scores = tallies
      ? open(estimator, part, random, params).scores(tallies[turn++]!)
      : scoreSamples(estimator, part, { ...options, random });
    scores.forEach((score, i) => {
      total[own[i]!]! += score;
      turns[own[i]!]!++;
    });
  }
  return total.map((sum, row) => sum / Math.max(turns[row]!, 1));
}

/** The games of an estimator's turns over a unit, in order. */
export const openTurns = (
  estimator: ImportanceEstimator,
  evidence: Evidence,
  { params, seed }: UnitScoring,
): OpenGame[] =>
  Array.from(turnsOf(estimator, evidence, seed), ({ evidence: part, random }) =>
    open(estimator, part, random, params),
  );

function open(
  { name, game, paramsSchema }: ImportanceEstimator,
  evidence: Evidence,
  random: Random,
  params: unknown = {},
): OpenGame {
  if (!game) throw new RangeError(`${name}: expected an estimator that plays a game`);
  return game.open(evidence, paramsSchema.parse(params), random);
}

function* turnsOf(estimator: ImportanceEstimator, evidence: Evidence, seed: number): Iterable<Turn> {
  const { folds, targets } = evidence;
  const { features } = withEvidence(evidence, estimator.name, ['features']);
  const all = Int32Array.from(targets.keys());
  for (const fold of new Set(folds)) {
    const own = all.filter((row) => folds![row] !== fold);
    const other = all.filter((row) => folds![row] === fold);
    const validation = { features: featureRows(features, other), targets: other.map((row) => targets[row]!) };
    yield {
      own,
      evidence: { ...evidenceRows(evidence, features, own), validation },
      random: seeded(seed, `${estimator.name} ${fold}`),
    };
  }
}

/** What belongs to the given rows. Checkpoints are of the whole unit; dynamics are left out. */
function evidenceRows(evidence: Evidence, features: FeatureRows, rows: Int32Array): Evidence {
  const { targets, outputs, logits, folds, groups, checkpoints } = evidence;
  const pick = (codes: Int32Array): Int32Array => rows.map((row) => codes[row]!);
  return {
    targets: pick(targets),
    outputs,
    features: featureRows(features, rows),
    ...(logits ? { logits: denseRows(logits, outputs, rows) } : {}),
    ...(folds ? { folds: pick(folds) } : {}),
    ...(groups ? { groups: pick(groups) } : {}),
    ...(checkpoints ? { checkpoints } : {}),
  };
}

function featureRows(features: FeatureRows, rows: Int32Array): FeatureRows {
  if (features.kind === 'sparse') return { kind: 'sparse', matrix: selectRows(features.matrix, rows) };
  const { cols, values } = features.matrix;
  return { kind: 'dense', matrix: { rows: rows.length, cols, values: denseRows(values, cols, rows) } };
}

function denseRows(values: Float64Array, cols: number, rows: Int32Array): Float64Array {
  const chosen = new Float64Array(rows.length * cols);
  rows.forEach((row, i) => chosen.set(values.subarray(row * cols, (row + 1) * cols), i * cols));
  return chosen;
}
