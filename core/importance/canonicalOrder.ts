import { hash32 } from '../random.js';
import type { FeatureRows } from './estimator.js';
import { forEachEntry } from './narrowFeatures.js';

/**
 * Rows ordered by what is in them. Chance that is dealt out in this order gives a sample its score whatever the order in
 * which the rows came.
 */
export function canonicalOrder(features: FeatureRows, targets: Int32Array): Int32Array {
  const [first, second] = [Int32Array.from(targets), targets.map((target) => hash32('row', target))];
  const bits = new DataView(new ArrayBuffer(8));
  forEachEntry(features, (row, col, value) => {
    bits.setFloat64(0, value);
    const [high, low] = [bits.getInt32(0), bits.getInt32(4)];
    first[row] = mixed(mixed(mixed(first[row]!, col), high), low);
    second[row] = mixed(mixed(mixed(second[row]!, ~col), low), high);
  });
  return Int32Array.from(targets.keys()).sort(
    (a, b) => first[a]! - first[b]! || second[a]! - second[b]! || a - b,
  );
}

const mixed = (hash: number, value: number): number => {
  const product = Math.imul(hash ^ value, 0x9e3779b1);
  return product ^ (product >>> 15);
};
