import type { CsrMatrix } from '../../contracts/matrix.js';
import { groupedStratifiedFolds } from '../folds.js';
import type { Evidence, EvidenceKind, LinearCheckpoint, TrainingDynamics } from '../importance/estimator.js';
import { residualsAt, summedGradient } from '../importance/lastLayer.js';
import { createAdam } from '../importance/softmaxDescent.js';
import { logitsOf } from '../linear/parameters.js';
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
  const descent = descend(train, outputs);
  return {
    evidence: {
      ...{ targets: train.targets, outputs, logits: held.logits, folds: held.folds },
      features: { kind: 'sparse', matrix: train.matrix },
      validation: {
        features: { kind: 'sparse', matrix: validation.matrix },
        targets: validation.targets,
      },
      ...descent,
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

const EPOCHS = 40;
const RATE = 0.05;
const CHECKPOINT_EVERY = 5;

/** A short descent of a linear softmax model by Adam, all rows a step. */
function descend(
  { matrix, targets }: TrialSide,
  outputs: number,
): { readonly dynamics: TrainingDynamics; readonly checkpoints: readonly LinearCheckpoint[] } {
  const features = { kind: 'sparse' as const, matrix };
  const { rows: n, cols } = matrix;
  const parameters = new Float64Array((cols + 1) * outputs);
  const step = createAdam(parameters, RATE);
  const logits = new Float32Array(EPOCHS * n * outputs);
  const checkpoints: LinearCheckpoint[] = [];
  for (let epoch = 0; epoch < EPOCHS; epoch++) {
    const now = layer(parameters, cols, outputs);
    const residuals = residualsAt(now, { features, targets });
    step(summedGradient(features, residuals, outputs).map((value) => value / n));
    const after = layer(parameters, cols, outputs);
    logits.set(logitsAt(after, matrix), epoch * n * outputs);
    if ((epoch + 1) % CHECKPOINT_EVERY === 0) checkpoints.push({ ...after, learningRate: RATE });
  }
  return { dynamics: { epochs: EPOCHS, logits }, checkpoints };
}

/** The parameters (d + 1, K), the intercept's last, as a layer of their own. */
const layer = (parameters: Float64Array, cols: number, outputs: number) => ({
  weights: parameters.slice(0, cols * outputs),
  intercept: parameters.slice(cols * outputs),
});

const logitsAt = (
  { weights, intercept }: Pick<LinearCheckpoint, 'weights' | 'intercept'>,
  matrix: CsrMatrix,
): Float64Array =>
  logitsOf(
    { scheme: 'softmax', features: matrix.cols, outputs: intercept.length, weights, intercept },
    matrix,
  );
