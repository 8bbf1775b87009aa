import { groupedStratifiedFolds } from '../folds.js';
import { DESCENT_EPOCHS, descend } from '../importance/descent.js';
import type { Evidence, EvidenceKind, LinearCheckpoint } from '../importance/estimator.js';
import { logProbabilityOf } from '../probability.js';
import { selectRows } from '../sparse.js';
import { meanLogProbabilities } from './blend.js';
import { evenWeights, type Trial, type TrialLearner, type TrialSide } from './trial.js';

/** How evidence is made. */
export interface EvidenceOptions {
  /**
   * Of each family the one with the lowest out-of-fold log-loss is kept; the best of these, or the mean of their
   * log-probabilities where that has a lower one, makes the logits.
   */
  readonly learners: readonly TrialLearner[];
  readonly folds: number;
  readonly seed: number;
  /** Milliseconds. */
  readonly now: () => number;
  /** Called between fits. */
  readonly onFit?: (done: number, total: number) => void;
}

/** Evidence of a trial, and what it took. */
export interface MadeEvidence {
  readonly evidence: Evidence;
  /** Names of those whose mean made the logits. */
  readonly chosen: readonly string[];
  /** Out of fold, mean over samples, nats, of the logits. */
  readonly logLoss: number;
  readonly fits: number;
  /** Milliseconds of the out-of-fold fits, and of the descent; what is read off the trial costs nothing. */
  readonly wallMs: { readonly outOfFold: number; readonly descent: number };
}

/** Kinds that a benchmark can make; a trial has no groups. */
export const EVIDENCE_OF_TRIALS: readonly EvidenceKind[] = [
  'outOfFoldLogits',
  'trainingDynamics',
  'features',
  'validation',
  'checkpoints',
];

/** What the evidence that an estimator requires took, in milliseconds. */
export const evidenceMsOf = (
  requires: readonly EvidenceKind[],
  { outOfFold, descent }: MadeEvidence['wallMs'],
): number =>
  (requires.includes('outOfFoldLogits') ? outOfFold : 0) +
  (requires.includes('trainingDynamics') || requires.includes('checkpoints') ? descent : 0);

/** Makes every kind of evidence of a trial once, for however many estimators. */
export async function makeEvidence(trial: Trial, options: EvidenceOptions): Promise<MadeEvidence> {
  const { now, learners, folds } = options;
  const { train, validation, outputs } = trial;
  const started = now();
  const held = await outOfFold(train, outputs, options);
  const made = now();
  const learned = descent(train, outputs);
  return {
    evidence: {
      ...{ targets: train.targets, outputs, logits: held.logits, folds: held.folds },
      features: { kind: 'sparse', matrix: train.matrix },
      validation: {
        features: { kind: 'sparse', matrix: validation.matrix },
        targets: validation.targets,
      },
      ...learned,
    },
    chosen: held.chosen,
    logLoss: held.logLoss,
    fits: folds * learners.length + 1,
    wallMs: { outOfFold: made - started, descent: now() - made },
  };
}

/** Out-of-fold predictions of one learner, or of several together. */
interface HeldOut {
  readonly logits: Float64Array; // (n, K)
  readonly chosen: readonly string[];
  readonly logLoss: number;
}

async function outOfFold(
  side: TrialSide,
  outputs: number,
  { learners, folds: count, seed, onFit }: EvidenceOptions,
): Promise<HeldOut & { readonly folds: Int32Array }> {
  const { targets } = side;
  const rows = Int32Array.from(targets.keys());
  const folds = groupedStratifiedFolds({
    ...{ rows, targets, groups: rows, folds: count, seed, missingClass: 'allow' },
  });
  const byFamily = new Map<string, HeldOut>();
  for (const [at, learner] of learners.entries()) {
    const logits = await heldOutLogits(side, outputs, folds, count, learner, (fold) =>
      onFit?.(at * count + fold + 1, learners.length * count),
    );
    const held = { logits, chosen: [learner.name], logLoss: meanLogLoss(logits, targets, outputs) };
    byFamily.set(learner.family, better(byFamily.get(learner.family), held));
  }
  const bests = [...byFamily.values()];
  const blend = meanLogProbabilities(
    bests.map(({ logits }) => logits),
    outputs,
  );
  const together = {
    logits: blend,
    chosen: bests.flatMap(({ chosen }) => chosen),
    logLoss: meanLogLoss(blend, targets, outputs),
  };
  return { ...(bests.length === 1 ? bests[0]! : [...bests, together].reduce(better)), folds };
}

const better = (first: HeldOut | undefined, second: HeldOut): HeldOut =>
  first && first.logLoss <= second.logLoss ? first : second;

async function heldOutLogits(
  { matrix, targets }: TrialSide,
  outputs: number,
  folds: Int32Array,
  count: number,
  learner: TrialLearner,
  onFold: (fold: number) => void,
): Promise<Float64Array> {
  const rows = Int32Array.from(targets.keys());
  const logits = new Float64Array(targets.length * outputs);
  for (let fold = 0; fold < count; fold++) {
    const others = rows.filter((row) => folds[row] !== fold);
    const held = rows.filter((row) => folds[row] === fold);
    const side = { matrix: selectRows(matrix, others), targets: others.map((row) => targets[row]!) };
    const predict = await learner.fit(side, outputs, evenWeights(others.length));
    const found = predict(selectRows(matrix, held));
    held.forEach((row, i) => logits.set(found.subarray(i * outputs, (i + 1) * outputs), row * outputs));
    onFold(fold);
  }
  return logits;
}

const meanLogLoss = (logits: Float64Array, targets: Int32Array, outputs: number): number =>
  -logProbabilityOf(targets, logits, outputs).reduce((sum, log) => sum + log, 0) / targets.length;

/** Dynamics and checkpoints of one descent. */
function descent(
  { matrix, targets }: TrialSide,
  outputs: number,
): Pick<Evidence, 'dynamics' | 'checkpoints'> {
  const size = matrix.rows * outputs;
  const logits = new Float32Array(DESCENT_EPOCHS * size);
  const checkpoints: LinearCheckpoint[] = [];
  for (const one of descend({ features: { kind: 'sparse', matrix }, targets }, outputs)) {
    logits.set(one.logits, (one.epoch - 1) * size);
    if (one.checkpoint) checkpoints.push(one.checkpoint);
  }
  return { dynamics: { epochs: DESCENT_EPOCHS, logits }, checkpoints };
}
