import { shrinkByReliability } from '../importance/reliability.js';
import { effectiveSampleSize } from './effectiveSampleSize.js';

/** What `weigh` keeps to. */
export interface WeighOptions {
  /** Near-duplicate cluster of each sample, (n,). Without it nothing is capped. */
  readonly clusters?: Int32Array;
  /** Largest total weight of a cluster of two or more, where a sample weighs 1 on average. @default 1 */
  readonly duplicateCap?: number;
  /** Smallest effective sample size, share of n in [0, 1]. @default 0 */
  readonly minEffectiveSampleSize?: number;
  /** ρ in [0, 1]: how far the scores are more than chance; weights are drawn to 1 by it, before all else. @default 1 */
  readonly reliability?: number;
}

/** Weights that can be trained with, and what was done to make them so. */
export interface Weighing {
  readonly weights: Float64Array; // (n,), non-negative, mean 1
  /** (Σw)²/Σw² of these weights, share of n. */
  readonly effectiveSampleSize: number;
  /** The same of the policy's own weights, before cap and mixing; 0 where they were all zero. */
  readonly rawEffectiveSampleSize: number;
  /** λ: the weights are (1 − λ)·policy + λ·uniform, both capped; raised from 0 only to meet the floor. */
  readonly mixedWithUniform: number;
  /** The policy gave no sample any weight, so all weigh the same. */
  readonly fellBackToUniform: boolean;
  /** Clusters whose total had to be lowered. */
  readonly cappedClusters: number;
  /** Largest total that a cluster of two or more can have in `weights`, after they were brought to mean 1. */
  readonly clusterLimit: number;
  /** The floor could only be met by giving up the cap: too many samples are duplicates. */
  readonly capGivenUp: boolean;
}

/**
 * Brings a policy's raw weights to mean 1, caps the total weight of near-duplicate clusters, and mixes with uniform
 * until the effective sample size meets its floor. Never NaN.
 *
 * @param raw (n,), non-negative and finite
 * @throws RangeError where a raw weight is negative or not finite, or an option is out of range
 */
export function weigh(raw: Float64Array, options: WeighOptions = {}): Weighing {
  const { clusters, duplicateCap = 1, minEffectiveSampleSize: floor = 0, reliability = 1 } = options;
  check(raw, clusters, duplicateCap, floor, reliability);
  const rawEffectiveSampleSize = effectiveSampleSize(raw);
  const fellBackToUniform = rawEffectiveSampleSize === 0;
  const ones = new Float64Array(raw.length).fill(1);
  const believed = fellBackToUniform ? ones : shrinkByReliability(toMeanOne(raw).weights, reliability);
  const own = capped(believed, clusters, duplicateCap);
  const flat = capped(ones, clusters, duplicateCap);
  const mixed = raiseToFloor(own.weights, flat.weights, floor);
  const givesUpCap = effectiveSampleSize(mixed.weights) < floor;
  const final = givesUpCap ? raiseToFloor(flat.weights, ones, floor) : mixed;
  const limit = duplicateCap * ((1 - mixed.lambda) * own.scale + mixed.lambda * flat.scale);
  return {
    weights: final.weights,
    effectiveSampleSize: effectiveSampleSize(final.weights),
    rawEffectiveSampleSize,
    mixedWithUniform: givesUpCap ? 1 : mixed.lambda,
    fellBackToUniform,
    cappedClusters: own.cappedClusters,
    clusterLimit: clusters && !givesUpCap ? limit : Infinity,
    capGivenUp: givesUpCap,
  };
}

/** Lowers clusters of two or more to the cap, then brings the mean back to 1; `scale` is what that multiplied by. */
function capped(
  weights: Float64Array,
  clusters: Int32Array | undefined,
  cap: number,
): { weights: Float64Array; scale: number; cappedClusters: number } {
  if (!clusters) return { weights, scale: 1, cappedClusters: 0 };
  const totals = new Map<number, { sum: number; size: number }>();
  clusters.forEach((cluster, i) => {
    const total = totals.get(cluster) ?? { sum: 0, size: 0 };
    total.sum += weights[i]!;
    total.size++;
    totals.set(cluster, total);
  });
  let cappedClusters = 0;
  for (const { sum, size } of totals.values()) if (size > 1 && sum > cap) cappedClusters++;
  const lowered = weights.map((weight, i) => {
    const { sum, size } = totals.get(clusters[i]!)!;
    return size > 1 && sum > cap ? (weight * cap) / sum : weight;
  });
  return { ...toMeanOne(lowered), cappedClusters };
}

/** The least share λ of `base` at which the mixture's effective sample size meets the floor; 1 if nothing less does. */
function raiseToFloor(
  weights: Float64Array,
  base: Float64Array,
  floor: number,
): { weights: Float64Array; lambda: number } {
  if (effectiveSampleSize(weights) >= floor) return { weights, lambda: 0 };
  const mix = (lambda: number): Float64Array =>
    weights.map((weight, i) => (1 - lambda) * weight + lambda * base[i]!);
  let low = 0;
  let high = 1;
  for (let step = 0; step < 50; step++) {
    const middle = (low + high) / 2;
    if (effectiveSampleSize(toMeanOne(mix(middle)).weights) >= floor) high = middle;
    else low = middle;
  }
  return { weights: toMeanOne(mix(high)).weights, lambda: high };
}

/** Largest first, so that huge or tiny weights neither overflow nor vanish. */
function toMeanOne(weights: Float64Array): { weights: Float64Array; scale: number } {
  const highest = weights.reduce((most, weight) => Math.max(most, weight), 0);
  const shares = weights.map((weight) => weight / highest);
  const mean = shares.reduce((sum, share) => sum + share, 0) / weights.length;
  return { weights: shares.map((share) => share / mean), scale: 1 / (highest * mean) };
}

function check(
  raw: Float64Array,
  clusters: Int32Array | undefined,
  cap: number,
  floor: number,
  reliability: number,
): void {
  const wrong = raw.findIndex((weight) => !(weight >= 0 && weight < Infinity));
  if (wrong >= 0) {
    throw new RangeError(`weights[${wrong}]: expected a finite number of at least 0, got ${raw[wrong]}`);
  }
  if (clusters && clusters.length !== raw.length) {
    throw new RangeError(`clusters: expected ${raw.length}, one a sample, got ${clusters.length}`);
  }
  if (!(cap > 0)) throw new RangeError(`duplicateCap: expected more than 0, got ${cap}`);
  if (!(reliability >= 0 && reliability <= 1)) {
    throw new RangeError(`reliability: expected a share in [0, 1], got ${reliability}`);
  }
  if (!(floor >= 0 && floor <= 1)) {
    throw new RangeError(`minEffectiveSampleSize: expected a share in [0, 1], got ${floor}`);
  }
}
