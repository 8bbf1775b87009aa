import { z } from 'zod';
import type { ColumnSpec } from '../contracts/artifact.js';
import { unitRows } from '../core/choice/division.js';
import { engineFigures } from '../core/describeEngine.js';
import { BatchStream } from './batchStream.js';
import { learnerOf, unitEngine } from './learner.js';
import { UnitParams } from './params.js';
import { loadPrepared } from './prepared.js';
import type { Stage } from './stage.js';
import { readWeights, trainingSet } from './unit.js';

const Params = UnitParams.omit({ strengths: true }).extend({ strength: z.number().positive() });
type Params = z.infer<typeof Params>;

/** One row a sample and epoch (iteration of `linear`), epochs ascending, then rows. */
const DYNAMICS_COLUMNS = [
  { name: 'epoch', type: 'int32' },
  { name: 'row', type: 'int32' },
  { name: 'logits', type: 'float64[]' },
] as const satisfies readonly ColumnSpec[];

/**
 * Trains a unit once and keeps the logits of its own training rows after every epoch: how each sample was learned.
 * Rows of weight 0 are absent. A killed one begins again, since what it had seen is in no checkpoint.
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
    const { training } = unitRows(samples, params.scheme, params.unit);
    const rows = training.filter((row) => weights[row]! > 0);
    const { model, params: given, engine, pretrained } = await learnerOf(params, inputs, samples, context);
    const width = samples.classes.length;
    const stream = new BatchStream();
    const written = context.artifacts.writeTable('dynamics', DYNAMICS_COLUMNS, stream);
    let epochs = 0;
    const fitted = model.fit(
      trainingSet(samples, rows, weights),
      model.paramsSchema.parse({ ...given, [model.regularisation.param]: params.strength }),
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
            const epochOfRows = new Int32Array(rows.length).fill(epoch);
            const columns = { epoch: epochOfRows, row: rows, logits: { width, values: logits.slice() } };
            stream.push({ rows: rows.length, columns });
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
