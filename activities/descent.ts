import { z } from 'zod';
import { CancelledError } from '../contracts/errors.js';
import type { StageContext } from '../contracts/store.js';
import type { ColumnBatch } from '../contracts/table.js';
import { unitRows } from '../core/choice/division.js';
import { descend, DESCENT_EPOCHS, type DescentEpoch } from '../core/importance/descent.js';
import type { LinearCheckpoint } from '../core/importance/index.js';
import { dynamicsBatch, DYNAMICS_COLUMNS } from './dynamicsTable.js';
import { SchemeParams } from './params.js';
import { loadSamples } from './prepared.js';
import type { Stage } from './stage.js';
import { checkpointTensors, featuresOf } from './unitEvidence.js';
import { readWeights, trainingWeights } from './unit.js';

const Params = z.strictObject({
  estimator: z.string(),
  scheme: SchemeParams,
  unit: z.int().min(-1),
  policy: z.string(),
  keep: z.array(z.enum(['dynamics', 'checkpoints'])).min(1),
});
type Params = z.infer<typeof Params>;

/**
 * Descends a linear model over a unit's features and keeps what estimators read: logits of every row after each epoch,
 * or checkpoints. For models without epochs of their own, and for estimators that look at the parameters of a last layer.
 */
export const descent: Stage<Params> = {
  name: 'descent',
  paramsSchema: Params,
  inputs: ['samples', 'features', 'classes'],
  summary: ({ unit, keep }) => `descent of a linear model, for its ${keep.join(' and ')}: unit ${unit}`,
  async run({ params, inputs }, context) {
    const samples = await loadSamples(inputs, context);
    const { training } = unitRows(samples, params.scheme, params.unit);
    const features = await featuresOf(params.estimator, training, inputs, context);
    const targets = Int32Array.from(training, (row) => samples.targets[row]!);
    const all = await readWeights(inputs, params.policy, samples.ids.length, context);
    const outputs = samples.classes.length;
    const epochs = told(descend({ features, targets }, outputs, trainingWeights(training, all)), context);
    const checkpoints: LinearCheckpoint[] = [];
    const batches = async function* (): AsyncGenerator<ColumnBatch> {
      for await (const { epoch, logits, checkpoint } of epochs) {
        if (checkpoint) checkpoints.push(checkpoint);
        yield dynamicsBatch(epoch, training, outputs, logits);
      }
    };
    const wants = (kind: Params['keep'][number]): boolean => params.keep.includes(kind);
    const table = wants('dynamics')
      ? [await context.artifacts.writeTable('dynamics', DYNAMICS_COLUMNS, batches())]
      : await drained(batches());
    const kept = wants('checkpoints')
      ? [await context.artifacts.writeModel(checkpointTensors(checkpoints))]
      : [];
    return {
      outputs: { dynamics: table, checkpoints: kept },
      figures: { epochs: DESCENT_EPOCHS, rows: training.length },
    };
  },
};

/** The epochs, telling of each, until somebody asks to stop. */
async function* told(epochs: Iterable<DescentEpoch>, { progress, signal }: StageContext) {
  for (const one of epochs) {
    if (signal.aborted) throw new CancelledError(`descent stopped at epoch ${one.epoch}`);
    progress({ done: one.epoch, total: DESCENT_EPOCHS, unit: 'epochs' });
    yield one;
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
}

async function drained(batches: AsyncIterable<ColumnBatch>): Promise<[]> {
  for await (const batch of batches) void batch;
  return [];
}
