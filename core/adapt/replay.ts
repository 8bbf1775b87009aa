import type { Random } from '../random.js';

/**
 * A sample of remembered rows without replacement, the weightier the likelier, its classes in proportion to their
 * weight but with a row of each at least; rows of weight 0 are never taken. Ascending.
 *
 * @param weights (n,), importance of each row; non-negative
 * @source Efraimidis & Spirakis 2006, weighted random sampling (keys −ln u / w)
 */
export function replaySample(
  weights: Float64Array,
  targets: Int32Array,
  size: number,
  random: Random,
): Int32Array {
  const keyed = Array.from(weights, (weight, row) => ({ row, key: -Math.log(1 - random.next()) / weight }))
    .filter(({ row }) => weights[row]! > 0)
    .sort((a, b) => a.key - b.key || a.row - b.row);
  const firsts = new Set<number>();
  const seen = new Set<number>();
  for (const { row } of keyed) {
    if (seen.has(targets[row]!)) continue;
    seen.add(targets[row]!);
    firsts.add(row);
  }
  const others = keyed.filter(({ row }) => !firsts.has(row)).map(({ row }) => row);
  const taken = [...firsts, ...others].slice(0, Math.max(0, size));
  return Int32Array.from(taken).sort();
}

/**
 * What remembered rows are worth for a model of today: the bits by which it finds their label likelier than the label's
 * share, and 0 where it finds it less likely: labels that no longer hold, or never did.
 *
 * @param logits (n × K, row-major), of a model of the new rows
 * @param prior (K,), shares of the labels in the new rows
 */
export function worthToday(logits: Float64Array, targets: Int32Array, prior: Float64Array): Float64Array {
  const outputs = prior.length;
  return Float64Array.from(targets, (target, row) => {
    const own = logits.subarray(row * outputs, (row + 1) * outputs);
    const highest = own.reduce((most, logit) => Math.max(most, logit), -Infinity);
    const sum = own.reduce((total, logit) => total + Math.exp(logit - highest), 0);
    const bits = (own[target]! - highest - Math.log(sum) - Math.log(prior[target]!)) / Math.LN2;
    return Math.max(0, bits);
  });
}
