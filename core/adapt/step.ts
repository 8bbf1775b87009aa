import type { CsrMatrix } from '../../contracts/matrix.js';
import type { FitOptions, FittedModel, TrainingSet } from '../../contracts/model.js';
import { groupedStratifiedFolds } from '../folds.js';
import { smoothedShares } from '../importance/prior.js';
import { argmaxRows } from '../probability.js';
import { seeded } from '../random.js';
import { selectRows, vstack } from '../sparse.js';
import { replaySample, worthToday } from './replay.js';
import type { Trial } from './decide.js';

/** Labelled rows as features. */
export interface LabelledRows {
  readonly matrix: CsrMatrix; // (n, d)
  readonly targets: Int32Array; // (n,), class codes in [0, outputs)
  readonly groups?: Int32Array; // (n,), never parted
}

/** Trains a model: anew, starting near another one, or on top of one. */
export type Learn = (
  training: TrainingSet,
  from?: Pick<FitOptions, 'warmStart' | 'goOnFrom'>,
) => Promise<FittedModel>;

/** What an adaptation starts from. */
export interface AdaptGround {
  readonly champion: FittedModel;
  readonly outputs: number; // K
  /** Rows that the champion was trained on, and how much each counted there. */
  readonly memory: LabelledRows & { readonly weights: Float64Array };
  /** Remembered rows that are trained on beside each new one. */
  readonly replayRatio: number;
  readonly learn: Learn;
  readonly seed: number;
}

/** A model that goes on from the champion, and what it was trained on. */
export interface Adapted {
  readonly model: FittedModel;
  readonly replayed: Int32Array; // rows of the memory
}

/**
 * Goes on from the champion with new rows and a replay of remembered ones. These are drawn by importance: what
 * they counted before, times what their label is worth to a model of the new rows alone, so that what no longer holds is
 * not rehearsed, and what holds again is.
 */
export async function goOn(ground: AdaptGround, fresh: LabelledRows): Promise<Adapted> {
  const { champion, outputs, memory, replayRatio, learn, seed } = ground;
  const today = await learn(trainingOf([fresh], outputs), { warmStart: champion.tensors() });
  const prior = smoothedShares(countsOf(fresh.targets, outputs), 1);
  const logits = today.predictLogits({ kind: 'sparse', matrix: memory.matrix });
  const worth = worthToday(logits, memory.targets, prior).map((bits, row) => bits * memory.weights[row]!);
  const size = Math.round(replayRatio * fresh.targets.length);
  const replayed = replaySample(worth, memory.targets, size, seeded(seed, 'replay'));
  const rehearsal = rowsOf(memory, replayed);
  const training = trainingOf(replayed.length > 0 ? [fresh, rehearsal] : [fresh], outputs);
  const from = { warmStart: today.tensors(), goOnFrom: champion.tensors() };
  return { model: await learn(training, from), replayed };
}

/**
 * What going on would bring: the new rows in two halves, each judged by a model that went on with the other half. A
 * model of all new rows sees twice as many, so that this is rather too little than too much.
 */
export async function tryOut(ground: AdaptGround, fresh: LabelledRows): Promise<Trial> {
  const n = fresh.targets.length;
  const folds = groupedStratifiedFolds({
    rows: Int32Array.from({ length: n }, (_, row) => row),
    targets: fresh.targets,
    groups: fresh.groups ?? Int32Array.from({ length: n }, (_, row) => row),
    classes: Array.from({ length: ground.outputs }, (_, code) => String(code)),
    folds: 2,
    seed: ground.seed,
    missingClass: 'allow',
  });
  const challenger = new Uint8Array(n);
  for (const half of [0, 1]) {
    const [learned, judged] = [
      rowsIn(folds, (fold) => fold !== half),
      rowsIn(folds, (fold) => fold === half),
    ];
    const { model } = await goOn(ground, rowsOf(fresh, learned));
    rightOf(model, rowsOf(fresh, judged)).forEach((right, i) => (challenger[judged[i]!] = right));
  }
  const groups = fresh.groups ? { groups: fresh.groups } : {};
  return { champion: rightOf(ground.champion, fresh), challenger, ...groups };
}

/** Whether a model is right on each row, (n,). */
export function rightOf(model: FittedModel, { matrix, targets }: LabelledRows): Uint8Array {
  if (targets.length === 0) return new Uint8Array(0);
  const logits = model.predictLogits({ kind: 'sparse', matrix });
  const predicted = argmaxRows(logits, logits.length / targets.length);
  return Uint8Array.from(targets, (target, row) => Number(predicted[row] === target));
}

const rowsIn = (folds: Int32Array, of: (fold: number) => boolean): Int32Array =>
  Int32Array.from(folds.keys()).filter((row) => of(folds[row]!));

/** The given rows, in the given order. */
export const rowsOf = ({ matrix, targets, groups }: LabelledRows, rows: Int32Array): LabelledRows => ({
  matrix: selectRows(matrix, rows),
  targets: rows.map((row) => targets[row]!),
  ...(groups ? { groups: rows.map((row) => groups[row]!) } : {}),
});

function trainingOf(parts: readonly LabelledRows[], outputs: number): TrainingSet {
  const targets = Int32Array.from(parts.flatMap((part) => [...part.targets]));
  return {
    input: { kind: 'sparse', matrix: vstack(parts.map(({ matrix }) => matrix)) },
    targets,
    outputs,
    sampleWeights: new Float64Array(targets.length).fill(1),
  };
}

function countsOf(targets: Int32Array, outputs: number): Float64Array {
  const counts = new Float64Array(outputs);
  for (const target of targets) counts[target]! += 1;
  return counts;
}
