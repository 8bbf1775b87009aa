import { metricByName, softmaxRows } from '../../core/metrics/index.js';
import { seeded } from '../../core/random.js';
import { percentiles } from '../../core/statistics/bootstrap.js';

const REPLICATES = 1000;

/** A figure of some units: positions, which may repeat. */
export type Figure = (at: Int32Array) => number;

/** One recipe beside scikit-learn. */
export interface Line {
  readonly recipe: string;
  readonly metric: string;
  readonly ours: Figure;
  readonly theirs: Figure;
  /** Of the units, which are rows or queries; drawn whole. */
  readonly groups: Int32Array;
  readonly how: string;
}

export interface Compared {
  readonly ours: number;
  readonly theirs: number;
  readonly low: number;
  readonly high: number;
}

/** Both figures, and the 95% bootstrap interval of their difference: both are judged on the same draws. */
export function compared({ ours, theirs, groups, recipe }: Line): Compared {
  const members = new Map<number, number[]>();
  groups.forEach((group, unit) => void (members.get(group)?.push(unit) ?? members.set(group, [unit])));
  const whole = [...members.values()];
  const random = seeded(42, `recipes.${recipe}`);
  const differences = Float64Array.from({ length: REPLICATES }, () => {
    const at = Int32Array.from(whole.flatMap(() => whole[random.below(whole.length)]!));
    return ours(at) - theirs(at);
  }).sort();
  const every = Int32Array.from(groups.keys());
  return { ours: ours(every), theirs: theirs(every), ...percentiles(differences, 0.95) };
}

/** A figure of rows by class, from their logits (n × K). */
export function classFigure(
  metric: string,
  targets: Int32Array,
  outputs: number,
  logits: Float64Array,
): Figure {
  const probabilities = softmaxRows(logits, outputs);
  return (at) =>
    metricByName(metric).compute({
      targets: at.map((row) => targets[row]!),
      probabilities: pick(probabilities, at, outputs),
      outputs,
    });
}

/** Rows of a matrix (n × K). */
export function pick(matrix: Float64Array, at: Int32Array, outputs: number): Float64Array {
  const taken = new Float64Array(at.length * outputs);
  at.forEach((row, i) => taken.set(matrix.subarray(row * outputs, (row + 1) * outputs), i * outputs));
  return taken;
}

/** Mean of what each unit has. */
export const meanFigure =
  (values: Float64Array): Figure =>
  (at) =>
    at.reduce((sum, unit) => sum + values[unit]!, 0) / at.length;
