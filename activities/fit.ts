import { z } from 'zod';
import type { PreparedSamples } from '../contracts/prepared.js';
import { unitRows } from '../core/choice/division.js';
import { taskOf } from '../core/tasks/index.js';
import { seeded } from '../core/random.js';
import { shuffleGroups, shuffleWithin, strataOf } from '../core/weighting/index.js';
import { groupedStratifiedFolds } from '../core/folds.js';
import { engineFigures } from '../core/describeEngine.js';
import { readCopies, withCopies } from './augmented.js';
import { fitPath } from './fitPath.js';
import { keepFits } from './keptFits.js';
import { learnerOf, unitEngine, watchedRows } from './learner.js';
import { trainedRows } from './negatives.js';
import { UnitParams } from './params.js';
import { loadFor } from './loadFor.js';
import type { Stage } from './stage.js';
import { heldOutInput, predictionBatches, PREDICTION_COLUMNS, readWeights, trainingSet } from './unit.js';

const Params = UnitParams.extend({ keepModels: z.boolean(), shuffled: z.boolean() });
type Params = z.infer<typeof Params>;

/** Trains a unit with its weights over the grid of strengths, and predicts what it holds out. */
export const fit: Stage<Params> = {
  name: 'fit',
  paramsSchema: Params,
  inputs: ['samples', 'features', 'classes'],
  engine: unitEngine,
  summary: ({ unit, policy }) => `train: unit ${unit}, weights ${policy}`,
  async run({ params, inputs, seed }, context) {
    const task = taskOf(params.task);
    const samples = await loadFor(params.model, task.loss.kind, inputs, context);
    const { training, heldOut } = unitRows(samples, params.scheme, params.unit);
    const given = await readWeights(inputs, params.policy, samples.ids.length, context);
    const weights = params.shuffled ? shuffledWeights(samples, training, given, params, seed) : given;
    const kept = params.keepModels
      ? keepFits(context.artifacts, watchedRows(samples, task), !params.shuffled)
      : undefined;
    const learner = await learnerOf(params, inputs, samples, context);
    const { rows: trained, shift } = trainedRows(task, samples, training, seed);
    const logits = await fitPath(
      {
        ...learner,
        strengths: params.strengths,
        training: withCopies(
          trainingSet(samples, trained, weights, task.loss),
          trained,
          await readCopies(inputs, context),
        ),
        heldOut: heldOutInput(samples, heldOut),
        seed,
        ...(shift ? { shift } : {}),
        ...kept?.hooks,
      },
      context,
    );
    const batches = predictionBatches(heldOut, params.strengths, logits, samples.classes.length);
    const predictions = await context.artifacts.writeTable('predictions', PREDICTION_COLUMNS, batches);
    return {
      outputs: { predictions: [predictions], ...(await kept?.outputs()) },
      figures: {
        trainingRows: trained.length,
        heldOutRows: heldOut.length,
        ...engineFigures(learner.engine),
      },
    };
  },
};

/** The control: the same weights, dealt out anew within class and fold, or among the groups of a fold. */
function shuffledWeights(
  samples: PreparedSamples,
  training: Int32Array,
  weights: Float64Array,
  { scheme, task }: Params,
  seed: number,
): Float64Array {
  const folds = groupedStratifiedFolds({
    ...samples,
    rows: training,
    folds: scheme.outerFolds,
    seed: scheme.seed,
  });
  const targets = Int32Array.from(training, (row) => samples.targets[row]!);
  const own = Float64Array.from(training, (row) => weights[row]!);
  const random = seeded(seed, 'shuffled');
  const groups = training.map((row) => samples.groups[row]!);
  const shuffled =
    taskOf(task).weighs === 'groups'
      ? shuffleGroups(own, groups, folds, random)
      : shuffleWithin(own, strataOf(targets, samples.classes.length, folds), random);
  const all = new Float64Array(weights.length).fill(NaN);
  training.forEach((row, i) => (all[row] = shuffled[i]!));
  return all;
}
