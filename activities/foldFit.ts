import type { Loss, TrainingSet } from '../contracts/model.js';
import type { PreparedSamples } from '../contracts/prepared.js';
import type { Artifacts } from '../contracts/stage.js';
import type { StageContext } from '../contracts/store.js';
import type { ColumnBatch } from '../contracts/table.js';
import { taskOf } from '../core/tasks/index.js';
import { readCopies, withCopies } from './augmented.js';
import { fitPath, type FitPathJob } from './fitPath.js';
import { learnerOf } from './learner.js';
import { trainedRows } from './negatives.js';
import type { UnitParams } from './params.js';
import { heldOutInput, predictionBatches, trainingSet } from './unit.js';

/** A fold of a unit: what is learned from, and what is predicted. */
export interface FoldJob {
  readonly params: Pick<UnitParams, 'task' | 'model' | 'engine' | 'strengths'>;
  readonly inputs: Artifacts;
  readonly samples: PreparedSamples;
  readonly learned: Int32Array; // ascending
  readonly heldOut: Int32Array; // ascending
  /** Of all samples; where they differ by strength, of each. */
  readonly weights: Float64Array | ((strength: number) => Float64Array);
  readonly loss?: Loss; // cross entropy where it is left out
  readonly seed: number;
}

/** Predictions of a fold's held-out rows over the grid of strengths; no model is kept. */
export async function foldFit(
  { params, inputs, samples, learned, heldOut, weights, loss, seed }: FoldJob,
  context: StageContext,
): Promise<{ readonly batches: ColumnBatch[]; readonly engine: FitPathJob['engine'] }> {
  const { rows: trained, shift } = trainedRows(taskOf(params.task), samples, learned, seed);
  const learner = await learnerOf(params, inputs, samples, context);
  const copies = await readCopies(inputs, context);
  const weighed = (own: Float64Array): TrainingSet =>
    withCopies(trainingSet(samples, trained, own, loss), trained, copies);
  const logits = await fitPath(
    {
      ...learner,
      strengths: params.strengths,
      training: typeof weights === 'function' ? (strength) => weighed(weights(strength)) : weighed(weights),
      heldOut: heldOutInput(samples, heldOut),
      seed,
      ...(shift ? { shift } : {}),
    },
    context,
  );
  return {
    batches: predictionBatches(heldOut, params.strengths, logits, samples.classes.length),
    engine: learner.engine,
  };
}
