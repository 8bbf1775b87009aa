import { z } from 'zod';
import { TaskChoice } from '../contracts/settings.js';
import { unitRows } from '../core/choice/division.js';
import { taskOf } from '../core/tasks/index.js';
import { judgedRows } from './judged.js';
import { SchemeParams } from './params.js';
import { loadSamples, writeDocument } from './prepared.js';
import type { Stage } from './stage.js';
import { readPredictions } from './unit.js';

const Params = z.strictObject({ task: TaskChoice, scheme: SchemeParams, arms: z.array(z.string()).min(1) });
type Params = z.infer<typeof Params>;

interface FoldFigures {
  readonly arm: string;
  readonly metric: string;
  readonly mean: number;
  readonly standardDeviation: number; // of the folds, n − 1
  readonly perFold: readonly number[];
}

/** Metrics of every fold, their mean and standard deviation. The predictions come from the stage `fit`. */
export const crossValidate: Stage<Params> = {
  name: 'crossValidate',
  paramsSchema: Params,
  inputs: ['samples', 'classes'],
  summary: ({ scheme }) => `mean and deviation over ${scheme.outerFolds} folds`,
  async run({ params, inputs }, context) {
    const samples = await loadSamples(inputs, context);
    const task = taskOf(params.task);
    const names = task.metrics;
    const folds: FoldFigures[] = [];
    for (const arm of params.arms) {
      const [predictions] = [...(await readPredictions(inputs, arm, context)).values()];
      const { rows, logits, outputs } = predictions!;
      const positions = new Map(Array.from(rows, (row, i) => [row, i]));
      const perFold = Array.from({ length: params.scheme.outerFolds }, (_, fold) => {
        const { heldOut } = unitRows(samples, params.scheme, fold);
        const part = new Float64Array(heldOut.length * outputs);
        heldOut.forEach((row, i) => {
          const at = positions.get(row)! * outputs;
          part.set(logits.subarray(at, at + outputs), i * outputs);
        });
        return task.measure(names, judgedRows(samples, { rows: heldOut, outputs, logits: part }))();
      });
      folds.push(
        ...names.map((metric, m) =>
          summarise(
            arm,
            metric,
            perFold.map((one) => one[m]!),
          ),
        ),
      );
    }
    const document = await writeDocument(context.artifacts, folds);
    return {
      outputs: { crossValidation: [document] },
      figures: Object.fromEntries(
        folds
          .filter(({ metric }) => metric === names[0])
          .map(({ arm, metric, mean }) => [`${arm}.${metric}`, mean]),
      ),
    };
  },
};

function summarise(arm: string, metric: string, perFold: readonly number[]): FoldFigures {
  const mean = perFold.reduce((sum, value) => sum + value, 0) / perFold.length;
  const squares = perFold.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { arm, metric, mean, standardDeviation: Math.sqrt(squares / (perFold.length - 1)), perFold };
}
