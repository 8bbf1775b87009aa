import type { Evidence } from '../importance/estimator.js';
import type { Task } from '../tasks/task.js';
import { policyByName, weighSamples, type Weighing } from '../weighting/index.js';

/** What weights heed beside evidence and scores. */
export interface WeighingGround {
  readonly clusters?: Int32Array; // near-duplicates, of all rows
  readonly groups: Int32Array; // of all rows
}

export interface WeighingSettings {
  readonly task: Task;
  readonly policies: readonly string[];
  readonly minEffectiveSampleSize: number;
  readonly duplicateCap: number;
  /** ρ of the scores, in [0, 1]. @default 1 */
  readonly reliability?: number;
}

/** Weights by every policy, by its name. */
export function weighScores(
  scores: Float64Array,
  evidence: Evidence,
  rows: Int32Array,
  { clusters, groups }: WeighingGround,
  { task, policies, minEffectiveSampleSize, duplicateCap, reliability }: WeighingSettings,
): ReadonlyMap<string, Weighing> {
  const capped = task.duplicates === 'join' ? clusters : undefined;
  const options = {
    ...{ minEffectiveSampleSize, duplicateCap },
    ...(reliability === undefined ? {} : { reliability }),
    ...(capped ? { clusters: rows.map((row) => capped[row]!) } : {}),
    ...(task.weighs === 'groups' ? { alike: rows.map((row) => groups[row]!) } : {}),
  };
  const weigh = (policy: string): Weighing =>
    weighSamples(policyByName(policy), { evidence, scores }, options);
  return new Map(policies.map((policy) => [policy, weigh(policy)]));
}
