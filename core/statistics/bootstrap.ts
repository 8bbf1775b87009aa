import type { Estimate } from '../../contracts/summary.js';
import type { Random } from '../random.js';

/** What is resampled: whole groups, since rows of one group are not independent. */
export interface BootstrapInput {
  readonly values: Float64Array; // (n,)
  readonly weights?: Float64Array; // (n,), default 1
  readonly groups?: Int32Array; // (n,), default: each row its own
  readonly replicates: number;
  readonly level?: number; // default 0.95
  readonly random: Random;
}

/**
 * Weighted mean with its percentile bootstrap interval.
 *
 * @throws RangeError without rows
 * @source Efron & Tibshirani, An Introduction to the Bootstrap, 1993, section 13.3
 */
export function bootstrapInterval(input: BootstrapInput): Estimate {
  const means = bootstrapMeans(input);
  const { values, weights } = input;
  return { value: weightedMean(values, weights), ...percentiles(means, input.level ?? 0.95) };
}

/** Σwv/Σw; 0 where Σw is 0. */
export function weightedMean(values: Float64Array, weights?: Float64Array): number {
  let sum = 0;
  let mass = 0;
  for (let i = 0; i < values.length; i++) {
    const weight = weights === undefined ? 1 : weights[i]!;
    sum += weight * values[i]!;
    mass += weight;
  }
  return mass > 0 ? sum / mass : 0;
}

/** Weighted means of the resamples, ascending, (replicates,). */
export function bootstrapMeans({
  values,
  weights,
  groups,
  replicates,
  random,
}: BootstrapInput): Float64Array {
  if (values.length === 0) throw new RangeError('bootstrap: no rows');
  const index = denseGroups(values.length, groups);
  const sums = new Float64Array(index.count);
  const masses = new Float64Array(index.count);
  for (let i = 0; i < values.length; i++) {
    const weight = weights === undefined ? 1 : weights[i]!;
    sums[index.of[i]!]! += weight * values[i]!;
    masses[index.of[i]!]! += weight;
  }
  const means = new Float64Array(replicates);
  for (let r = 0; r < replicates; r++) {
    let sum = 0;
    let mass = 0;
    for (let draw = 0; draw < index.count; draw++) {
      const group = random.below(index.count);
      sum += sums[group]!;
      mass += masses[group]!;
    }
    means[r] = mass > 0 ? sum / mass : 0;
  }
  return means.sort();
}

/** A statistic of n rows that isn't a mean (macro F1, AUROC). */
export interface StatisticInput {
  readonly rows: number; // n
  readonly groups?: Int32Array;
  readonly replicates: number;
  readonly level?: number;
  readonly random: Random;
  /** `sample` holds row numbers, repeated as they were drawn. */
  readonly statistic: (sample: Int32Array) => number;
}

/** Any statistic with its percentile bootstrap interval, resampling groups. */
export function bootstrapStatistic(input: StatisticInput): Estimate {
  const { rows, statistic, replicates, random } = input;
  if (rows === 0) throw new RangeError('bootstrap: no rows');
  const index = denseGroups(rows, input.groups);
  const members: number[][] = Array.from({ length: index.count }, () => []);
  for (let row = 0; row < rows; row++) members[index.of[row]!]!.push(row);
  const found = new Float64Array(replicates);
  for (let r = 0; r < replicates; r++) {
    const sample: number[] = [];
    for (let draw = 0; draw < index.count; draw++) sample.push(...members[random.below(index.count)]!);
    found[r] = statistic(Int32Array.from(sample));
  }
  const value = statistic(Int32Array.from({ length: rows }, (_, row) => row));
  return { value, ...percentiles(found.sort(), input.level ?? 0.95) };
}

/** Two-sided limits of ascending values at a level, by the nearest rank. */
export function percentiles(ascending: Float64Array, level: number): { low: number; high: number } {
  const tail = (1 - level) / 2;
  return { low: quantile(ascending, tail), high: quantile(ascending, 1 - tail) };
}

/** Discrete quantile: the smallest value with at least a share `q` of the values at or below it. */
export function quantile(ascending: Float64Array, q: number): number {
  const rank = Math.ceil(q * ascending.length - 1e-9);
  return ascending[Math.min(ascending.length - 1, Math.max(0, rank - 1))]!;
}

/** Numbers groups 0 … count−1 in order of first appearance. */
export function denseGroups(rows: number, groups?: Int32Array): { of: Int32Array; count: number } {
  if (groups === undefined) return { of: Int32Array.from({ length: rows }, (_, row) => row), count: rows };
  if (groups.length !== rows) throw new RangeError(`groups: expected ${rows} rows, got ${groups.length}`);
  const numberOf = new Map<number, number>();
  const of = groups.map((group) => {
    const known = numberOf.get(group);
    if (known !== undefined) return known;
    numberOf.set(group, numberOf.size);
    return numberOf.size - 1;
  });
  return { of, count: numberOf.size };
}
