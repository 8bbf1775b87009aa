import { z } from 'zod';
import { DivergedError } from '../contracts/errors.js';
import type { StageOutput } from '../contracts/stage.js';
import { innerFolds, unitRows, withoutDuplicatesOf } from '../core/choice/division.js';
import { engineFigures } from '../core/describeEngine.js';
import { taskOf } from '../core/tasks/index.js';
import { subsample } from '../core/tune/subsample.js';
import { foldFit } from './foldFit.js';
import { unitEngine } from './learner.js';
import { UnitParams } from './params.js';
import { loadFor } from './loadFor.js';
import type { Stage } from './stage.js';
import { PREDICTION_COLUMNS } from './unit.js';

const Params = UnitParams.omit({ policy: true }).extend({
  folds: z.int().min(2),
  fold: z.int().nonnegative(),
  /** Of the fold's training rows that are learned from. */
  share: z.number().gt(0).max(1),
});
type Params = z.infer<typeof Params>;

/** Other folds than those that make scores: beyond all repeats of these. */
export const TRIAL_FOLDS = 20;

/**
 * One fold of a trial: settings of the model, tried on a share of the unit's other folds' rows, all alike weighed, over the
 * grid of strengths. Where training diverges there are no predictions, and no error: the settings were bad.
 */
export const trial: Stage<Params> = {
  name: 'trial',
  paramsSchema: Params,
  inputs: ['samples', 'features', 'classes'],
  engine: unitEngine,
  summary: ({ fold, folds, share }) =>
    `a trial: fold ${fold + 1} of ${folds}, ${Math.round(100 * share)}% of the rows`,
  async run({ params, inputs, seed }, context): Promise<StageOutput> {
    const task = taskOf(params.task);
    const samples = await loadFor(params.model, task.loss.kind, inputs, context);
    const { training } = unitRows(samples, params.scheme, params.unit);
    const folds = innerFolds(samples, training, params.scheme, params.folds, TRIAL_FOLDS);
    const heldOut = training.filter((_, i) => folds[i] === params.fold);
    const others = training.filter((_, i) => folds[i] !== params.fold);
    const learned = subsample(
      samples,
      withoutDuplicatesOf(heldOut, others, samples.clusters),
      params.share,
      seed,
      task.judges === 'groups' && task.folds !== 'rows' ? 'groups' : 'rows',
    );
    const weights = new Float64Array(samples.ids.length).fill(1);
    const job = {
      params: { ...params, policy: 'uniform' },
      inputs,
      samples,
      learned,
      heldOut,
      weights,
      seed,
    };
    try {
      const { batches, engine } = await foldFit({ ...job, loss: task.loss }, context);
      const predictions = await context.artifacts.writeTable('predictions', PREDICTION_COLUMNS, batches);
      return {
        outputs: { predictions: [predictions] },
        figures: { trainingRows: learned.length, heldOutRows: heldOut.length, ...engineFigures(engine) },
      };
    } catch (error) {
      if (!(error instanceof DivergedError)) throw error;
      return {
        outputs: { predictions: [] },
        figures: { trainingRows: learned.length, diverged: error.message },
      };
    }
  },
};
