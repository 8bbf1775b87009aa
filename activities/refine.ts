import { z } from 'zod';
import { innerFolds, withoutDuplicatesOf } from '../core/choice/division.js';
import { refinements } from '../core/choice/refinement.js';
import { engineFigures } from '../core/describeEngine.js';
import { modelByName } from '../models/index.js';
import { foldFit } from './foldFit.js';
import { unitEngine } from './learner.js';
import { UnitParams } from './params.js';
import { loadFor } from './loadFor.js';
import type { Stage } from './stage.js';
import { PREDICTION_COLUMNS } from './unit.js';
import { InnerParams, outOfFold, predictedUnit } from './unitEvidence.js';

const Params = UnitParams.omit({ policy: true }).extend({
  ...InnerParams.shape,
  fold: z.int().nonnegative(),
  repeat: z.int().nonnegative().default(0),
  minEffectiveSampleSize: z.number(),
  duplicateCap: z.number(),
});
type Params = z.infer<typeof Params>;

/**
 * Out-of-fold logits of one inner fold once more, by models that were trained with the noise posterior of the evidence
 * so far. No rows where that gave nothing better.
 */
export const refine: Stage<Params> = {
  name: 'refine',
  paramsSchema: Params,
  inputs: ['samples', 'features', 'classes', 'evidence'],
  engine: unitEngine,
  summary: ({ unit, fold, innerFolds: folds }) =>
    `refined evidence: unit ${unit}, fold ${fold + 1} of ${folds}`,
  async run({ params, inputs, seed }, context) {
    const order = weakerLast(params.model.name);
    const { training, grid } = await predictedUnit(params, inputs, 'evidence', context, order);
    const samples = await loadFor(params.model, 'crossEntropy', inputs, context);
    const latest = inputs['refined'] && (await outOfFold(inputs, 'refined', context, order));
    const again = refinements(grid, latest, training, samples, { ...params, task: grid.task });
    const folds = innerFolds(samples, training, params.scheme, params.innerFolds, params.repeat);
    const rows = training.filter((_, i) => folds[i] === params.fold);
    const others = training.filter((_, i) => folds[i] !== params.fold);
    const weightsOf = (strength: number): Float64Array => {
      const all = new Float64Array(samples.ids.length).fill(NaN);
      const { weights } = again.find((one) => one.strength === strength)!;
      training.forEach((row, i) => (all[row] = weights[i]!));
      return all;
    };
    const strengths = again.map(({ strength }) => strength);
    const learned = withoutDuplicatesOf(rows, others, samples.clusters);
    const job = { inputs, samples, learned, heldOut: rows, weights: weightsOf, seed };
    const { batches, engine } =
      again.length === 0
        ? { batches: [] }
        : await foldFit({ ...job, params: { ...params, strengths } }, context);
    const table = await context.artifacts.writeTable('evidence', PREDICTION_COLUMNS, batches);
    return {
      outputs: { evidence: [table] },
      figures: { rows: rows.length, fits: again.length, ...engineFigures(engine) },
    };
  },
};

/** By the direction of the model's own grid, which begins with the strongest regularisation. */
function weakerLast(model: string): (a: number, b: number) => number {
  const { grid } = modelByName(model).regularisation;
  const sign = Math.sign(grid.at(-1)! - grid[0]!);
  return (a, b) => sign * (a - b);
}
