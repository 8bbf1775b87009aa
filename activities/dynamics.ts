import type { z } from 'zod';
import { unitRows } from '../core/choice/division.js';
import { engineFigures } from '../core/describeEngine.js';
import { BatchStream } from './batchStream.js';
import { dynamicsBatch, DYNAMICS_COLUMNS } from './dynamicsTable.js';
import { learnerOf, unitEngine } from './learner.js';
import { UnitParams } from './params.js';
import { loadPrepared } from './prepared.js';
import type { Stage } from './stage.js';
import { readWeights, trainingSet } from './unit.js';
import { InnerParams, predictedEvidence } from './unitEvidence.js';

const Params = UnitParams.extend(InnerParams.shape);
type Params = z.infer<typeof Params>;

/**
 * Trains a unit once and keeps the logits of its own training rows after every epoch: how each sample was learned.
 * Of several strengths of regularisation it takes the one with the best out-of-fold predictions. A killed one begins
 * again, since what it had seen is in no checkpoint.
 */
export const dynamics: Stage<Params> = {
  name: 'dynamics',
  paramsSchema: Params,
  inputs: ['samples', 'features', 'classes'],
  engine: unitEngine,
  summary: ({ unit, policy }) => `training dynamics: unit ${unit}, weights ${policy}`,
  async run({ params, inputs, seed }, context) {
    const samples = await loadPrepared(inputs, context);
    const weights = await readWeights(inputs, params.policy, samples.ids.length, context);
    const { training: rows } = unitRows(samples, params.scheme, params.unit);
    const [only, ...others] = params.strengths;
    const strength = others.length === 0 ? only : (await predictedEvidence(params, inputs, context)).strength;
    const { model, params: given, engine, pretrained } = await learnerOf(params, inputs, samples, context);
    const width = samples.classes.length;
    const stream = new BatchStream();
    const written = context.artifacts.writeTable('dynamics', DYNAMICS_COLUMNS, stream);
    let epochs = 0;
    const fitted = model.fit(
      trainingSet(samples, rows, weights),
      model.paramsSchema.parse({ ...given, [model.regularisation.param]: strength }),
      {
        seed,
        ...(engine ? { engine } : {}),
        ...(pretrained ? { pretrained } : {}),
        sinks: {
          signal: context.signal,
          progress: ({ done, total, unit }) => context.progress({ done, total, unit }),
          breathe: async () => {
            await new Promise<void>((resolve) => setImmediate(resolve));
            await stream.drained();
          },
          dynamics: (epoch, logits) => {
            epochs += 1;
            stream.push(dynamicsBatch(epoch, rows, width, logits.slice()));
          },
        },
      },
    );
    fitted.then(
      () => stream.end(),
      (error: unknown) => stream.end(error),
    );
    const [table] = await Promise.all([written, fitted]);
    return {
      outputs: { dynamics: [table] },
      figures: { epochs, rows: rows.length, ...engineFigures(engine) },
    };
  },
};
