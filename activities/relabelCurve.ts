import { knownRows } from '../core/choice/division.js';
import { putRight } from '../core/relabel/reviewOrder.js';
import { taskOf } from '../core/tasks/index.js';
import { linear } from '../models/linear.js';
import { choiceMetric } from './choiceMetric.js';
import { readFeatures } from './featureTable.js';
import type { SampleTable } from './prepared.js';
import { createRefit } from './refit.js';
import { required, type RunTrace } from './runTrace.js';

/** What checking the first rows of an order brings, where the truth is known. */
export interface CurvePoint {
  readonly checked: number;
  /** Share of the wrong labels (of the rows that may be checked) that were put right. */
  readonly fixed: number;
  /** Metric of the linear model on the test split, tuned and trained anew; null where the run's features are sequences. */
  readonly value: number | null;
}

export interface RelabelCurve {
  readonly metric: string;
  readonly wrong: number; // labels, of the rows that may be checked
  readonly points: readonly CurvePoint[]; // the first: nothing checked
  /** With all labels of training and validation right. */
  readonly clean: number | null;
}

export interface CurveOptions {
  /** Numbers of rows, ascending, without 0. */
  readonly budgets: readonly number[];
  readonly signal: AbortSignal;
  readonly progress: (done: number, total: number) => void;
}

/**
 * Puts the truth into the first rows of an order, and looks how good the linear model gets.
 *
 * @param truth class code of every sample, −1 where it is not known
 */
export async function relabelCurve(
  trace: RunTrace,
  samples: SampleTable,
  rows: Int32Array,
  truth: Int32Array,
  { budgets, signal, progress }: CurveOptions,
): Promise<RelabelCurve> {
  const given = samples.targets;
  const right = given.map((label, row) => (truth[row]! < 0 ? label : truth[row]!));
  const isWrong = (row: number): boolean => given[row] !== right[row];
  const wrong = rows.filter(isWrong).length;
  const task = taskOf(trace.config.task);
  const metric = trace.config.loop.metric ?? choiceMetric(task, samples);
  const features = await sparseFeatures(trace, samples.ids.length);
  const [training, validation, test] = [0, 1, 2].map((side) => knownRows(samples, side));
  const refit =
    features &&
    createRefit({
      groups: samples.groups,
      ...{ features, task, metric, signal, truth: right, outputs: samples.classes.length },
      ...{ training: training!, validation: validation!, test: test! },
      strengths:
        trace.config.model.name === 'linear'
          ? (trace.config.loop.strengths ?? linear.regularisation.grid)
          : linear.regularisation.grid,
    });
  const total = budgets.length + 2;
  let done = 0;
  const valueOf = async (labels: Int32Array): Promise<number | null> => {
    const value = refit ? (await refit(labels)).value : null;
    progress(++done, total);
    return value;
  };
  const points: CurvePoint[] = [];
  for (const checked of [0, ...budgets]) {
    const first = rows.subarray(0, checked);
    const fixed = first.filter(isWrong).length / wrong;
    points.push({ checked, fixed, value: await valueOf(putRight(given, right, first)) });
  }
  return { metric, wrong, points, clean: await valueOf(right) };
}

/** Undefined where the run's model reads text as a sequence. */
async function sparseFeatures(trace: RunTrace, rows: number) {
  const input = await readFeatures(trace.artifacts, required(trace, 'featurize', 'features'), rows);
  return input.kind === 'sparse' ? input.matrix : undefined;
}
