import type { ColumnSpec } from '../contracts/artifact.js';
import type { LearningCurve } from '../contracts/detail.js';
import type { EvaluationSet, TrainingSet } from '../contracts/model.js';
import type { ColumnBatch } from '../contracts/table.js';
import { logProbabilityOf } from '../core/probability.js';
import { integers, numbers, texts } from '../core/table.js';
import { qualityOf } from '../models/trainingRows.js';
import type { FinishedFit } from './fitPath.js';

/** One row an epoch or iteration of a fit. */
export const CURVE_COLUMNS = [
  { name: 'strength', type: 'float64' },
  { name: 'unit', type: 'utf8' }, // epoch | iteration
  { name: 'epoch', type: 'int32' }, // from 1
  { name: 'loss', type: 'float64' }, // of training; missing where it was not cross entropy
  { name: 'metric', type: 'utf8' }, // what `quality` is
  { name: 'quality', type: 'float64' }, // of the validation split; missing where nobody judged
  { name: 'rate', type: 'float64' }, // learning rate of the last step
  { name: 'kept', type: 'int32' }, // 1: the model is from here
  { name: 'milestone', type: 'int32' }, // 1: the network of this epoch was kept, in this order
] as const satisfies readonly ColumnSpec[];

/** Rows that a curve is drawn for. */
export interface Watched {
  readonly set: EvaluationSet;
  readonly metric: string;
}

/** How a fit went; undefined of models that are solved, not trained step by step. */
export function curveOf(fit: FinishedFit, watched: Watched | undefined): ColumnBatch | undefined {
  const found = fit.model.history ?? stagedHistory(fit, watched?.set);
  if (!found || found.losses.length === 0) return undefined;
  const { losses, qualities, kept } = found;
  const milestones = new Set(fit.milestones.map(({ epoch }) => epoch));
  const filled = <T>(value: T): T[] => losses.map(() => value);
  return {
    rows: losses.length,
    columns: {
      strength: Float64Array.from(filled(fit.strength)),
      unit: filled(fit.model.history ? 'epoch' : 'iteration'),
      epoch: Int32Array.from(losses, (_, at) => at + 1),
      loss: Float64Array.from(losses),
      metric: filled(watched?.metric ?? ''),
      quality: Float64Array.from(losses, (_, at) => qualities[at] ?? NaN),
      rate: Float64Array.from(losses, (_, at) => found.rates[at] ?? NaN),
      kept: Int32Array.from(losses, (_, at) => Number(at + 1 === kept)),
      milestone: Int32Array.from(losses, (_, at) => Number(milestones.has(at + 1))),
    },
  };
}

/** Of models that grow tree by tree: what training rows lose and evaluation rows are worth after each. */
function stagedHistory({ model, training }: FinishedFit, watched: EvaluationSet | undefined) {
  if (!model.staged) return undefined;
  const losses = Array.from(model.staged(training.input), (logits) => trainingLoss(training, logits));
  const qualities = watched
    ? Array.from(model.staged(watched.input), (logits) => qualityOf(watched, logits))
    : [];
  return { losses, qualities, rates: [], kept: losses.length };
}

/** Mean weighted cross entropy, nats; NaN where something else was minimised. */
function trainingLoss({ targets, sampleWeights, outputs, loss }: TrainingSet, logits: Float64Array): number {
  if (loss && loss.kind !== 'crossEntropy') return NaN;
  let [sum, total] = [0, 0];
  logProbabilityOf(targets, logits, outputs).forEach((value, row) => {
    const weight = sampleWeights[row]!;
    if (weight === 0) return;
    sum -= weight * value;
    total += weight;
  });
  return sum / total;
}

/** A curve as the report draws it. */
export function learningCurve(arm: string, table: ColumnBatch): LearningCurve {
  const present = (name: string): number[] => Array.from(numbers(table, name)).filter(Number.isFinite);
  const kept = integers(table, 'kept').indexOf(1);
  return {
    arm,
    unit: texts(table, 'unit')[0] === 'iteration' ? 'iteration' : 'epoch',
    losses: present('loss'),
    metric: texts(table, 'metric')[0] ?? '',
    qualities: present('quality'),
    kept: kept < 0 ? table.rows : kept + 1,
  };
}
