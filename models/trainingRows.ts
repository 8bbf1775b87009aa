import type { EvaluationSet, TrainingSet } from '../contracts/model.js';
import { argmaxRows } from '../core/probability.js';

/** @throws RangeError if arrays are of other lengths than the input, or hold weights or targets that can't be */
export function checkTraining({ targets, sampleWeights, outputs }: TrainingSet, rows: number): void {
  if (targets.length !== rows || sampleWeights.length !== rows) {
    throw new RangeError(
      `expected ${rows} targets and weights, got ${targets.length} and ${sampleWeights.length}`,
    );
  }
  for (let i = 0; i < targets.length; i++) {
    const [target, weight] = [targets[i]!, sampleWeights[i]!];
    if (!(weight >= 0 && weight < Infinity))
      throw new RangeError(`row ${i}: expected a weight ≥ 0, got ${weight}`);
    if (weight > 0 && !(target >= 0 && target < outputs)) {
      throw new RangeError(`row ${i}: expected a target in [0, ${outputs}), got ${target}`);
    }
  }
}

/** How good logits of the evaluation rows are: by the task's own measure, else the share of right classes. */
export function qualityOf({ quality, targets, outputs }: EvaluationSet, logits: Float64Array): number {
  if (quality) return quality(logits);
  const codes = argmaxRows(logits, outputs);
  return codes.filter((code, row) => code === targets[row]).length / Math.max(1, targets.length);
}

/** @throws RangeError where a loss over pairs has no queries to make them of */
export function queriesOf({ groups, targets }: TrainingSet): Int32Array {
  if (groups?.length === targets.length) return groups;
  throw new RangeError(
    `expected the query of each of ${targets.length} rows, got ${groups?.length ?? 'none'}`,
  );
}

/** Weights with which every class that is there weighs the same, and all rows together as much as before. */
export function balanced({ targets, sampleWeights, outputs }: TrainingSet): Float64Array {
  const perClass = new Float64Array(outputs);
  targets.forEach((target, row) => {
    if (sampleWeights[row]! > 0) perClass[target]! += sampleWeights[row]!;
  });
  const total = perClass.reduce((sum, weight) => sum + weight, 0);
  const share = total / perClass.filter((weight) => weight > 0).length;
  return sampleWeights.map((weight, row) => (weight > 0 ? (weight * share) / perClass[targets[row]!]! : 0));
}
