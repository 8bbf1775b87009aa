import type { Loss } from '../contracts/model.js';
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
  readonly params: UnitParams;
  readonly inputs: Artifacts;
  readonly samples: PreparedSamples;
  readonly learned: Int32Array; // ascending
  readonly heldOut: Int32Array; // ascending
  readonly weights: Float64Array; // of all samples
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
  const training = trainingSet(samples, trained, weights, loss);
  const logits = await fitPath(
    {
      ...learner,
      strengths: params.strengths,
      training: withCopies(training, trained, await readCopies(inputs, context)),
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
