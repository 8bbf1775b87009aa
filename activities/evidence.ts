import { z } from 'zod';
import { innerFolds, unitRows, withoutDuplicatesOf } from '../core/choice/division.js';
import { engineFigures } from '../core/describeEngine.js';
import { foldFit } from './foldFit.js';
import { unitEngine } from './learner.js';
import { UnitParams } from './params.js';
import { loadFor } from './loadFor.js';
import type { Stage } from './stage.js';
import { PREDICTION_COLUMNS, readWeights } from './unit.js';

const Params = UnitParams.extend({
  innerFolds: z.int().min(2),
  fold: z.int().nonnegative(),
  /** Which of several cross-fits. */
  repeat: z.int().nonnegative().default(0),
});
type Params = z.infer<typeof Params>;

/** Out-of-fold logits of one inner fold: trained on the unit's other inner folds, over the grid of strengths. */
export const evidence: Stage<Params> = {
  name: 'evidence',
  paramsSchema: Params,
  inputs: ['samples', 'features', 'classes'],
  engine: unitEngine,
  summary: ({ unit, fold, innerFolds: folds }) => `evidence: unit ${unit}, fold ${fold + 1} of ${folds}`,
  async run({ params, inputs, seed }, context) {
    const samples = await loadFor(params.model, 'crossEntropy', inputs, context);
    const { training } = unitRows(samples, params.scheme, params.unit);
    const folds = innerFolds(samples, training, params.scheme, params.innerFolds, params.repeat);
    const rows = training.filter((_, i) => folds[i] === params.fold);
    const others = training.filter((_, i) => folds[i] !== params.fold);
    const learned = withoutDuplicatesOf(rows, others, samples.clusters);
    const weights = await readWeights(inputs, params.policy, samples.ids.length, context);
    const { batches, engine } = await foldFit(
      { params, inputs, samples, learned, heldOut: rows, weights, seed },
      context,
    );
    const table = await context.artifacts.writeTable('evidence', PREDICTION_COLUMNS, batches);
    return {
      outputs: { evidence: [table] },
      figures: { rows: rows.length, ...engineFigures(engine) },
    };
  },
};
