import { withEvidence } from '../importance/evidence.js';
import type { Evidence, FeatureRows, ImportanceEstimator } from '../importance/estimator.js';
import { scoreSamples } from '../importance/scoreSamples.js';
import { seeded } from '../random.js';
import { selectRows } from '../sparse.js';

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
  { params, seed }: { readonly params?: unknown; readonly seed: number },
): Float64Array {
  const options = (turn = ''): { params?: unknown; random: ReturnType<typeof seeded> } => ({
    ...(params === undefined ? {} : { params }),
    random: seeded(seed, estimator.name + turn),
  });
  const { folds } = evidence;
  if (!estimator.requires.includes('validation') || evidence.validation || !folds) {
    return scoreSamples(estimator, evidence, options());
  }
  const { features, targets } = withEvidence(evidence, estimator.name, ['features']);
  const total = new Float64Array(targets.length);
  const turns = new Float64Array(targets.length);
  const all = Int32Array.from(targets.keys());
  for (const fold of new Set(folds)) {
    const own = all.filter((row) => folds[row] !== fold);
    const other = all.filter((row) => folds[row] === fold);
    const validation = { features: featureRows(features, other), targets: other.map((row) => targets[row]!) };
    const part = { ...evidenceRows(evidence, features, own), validation };
    scoreSamples(estimator, part, options(` ${fold}`)).forEach((score, i) => {
      total[own[i]!]! += score;
      turns[own[i]!]!++;
    });
  }
  return total.map((sum, row) => sum / Math.max(turns[row]!, 1));
}

/** What belongs to the given rows; dynamics and checkpoints are of whole units and are left out. */
function evidenceRows(evidence: Evidence, features: FeatureRows, rows: Int32Array): Evidence {
  const { targets, outputs, logits, folds, groups } = evidence;
  const pick = (codes: Int32Array): Int32Array => rows.map((row) => codes[row]!);
  return {
    targets: pick(targets),
    outputs,
    features: featureRows(features, rows),
    ...(logits ? { logits: denseRows(logits, outputs, rows) } : {}),
    ...(folds ? { folds: pick(folds) } : {}),
    ...(groups ? { groups: pick(groups) } : {}),
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
