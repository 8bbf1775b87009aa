import type { NoiseSpec } from '../../contracts/benchmark.js';
import type { Random } from '../random.js';
import { centroidsOf, similaritiesTo, type Centroids } from './centroids.js';
import type { TrialSide } from './trial.js';

type LabelNoiseKind = Exclude<NoiseSpec['kind'], 'features'>;

/** Labels after the flips, and the rows that were flipped, ascending. */
export interface FlippedLabels {
  readonly targets: Int32Array; // (n,)
  readonly noisy: Int32Array;
}

/** What a way of flipping knows of a side: its true labels, and how near each row is to each class. */
interface Ground {
  readonly targets: Int32Array; // (n,)
  readonly outputs: number; // K
  readonly rate: number;
  readonly partners: Int32Array; // (K,), the nearest other class
  readonly classOrder: Int32Array; // (K,), a permutation
  readonly similarities: () => Float64Array; // (n, K)
}

type Flips = ReadonlyMap<number, number>; // row → wrong class

/** Ways to flip; each gets about rate · n rows. */
const WAYS: Readonly<Record<LabelNoiseKind, (ground: Ground, random: Random) => Flips>> = {
  uniform: ({ targets, outputs, rate }, random) =>
    new Map(
      Array.from(chooseRows(targets.length, rate, random), (row) => [
        row,
        (targets[row]! + 1 + random.below(outputs - 1)) % outputs,
      ]),
    ),
  pair: ({ targets, partners, rate }, random) =>
    new Map(Array.from(chooseRows(targets.length, rate, random), (row) => [row, partners[targets[row]!]!])),
  class: flipByClass,
  instance: flipAtBoundary,
};

/**
 * Flips labels of several sides in one way. `uniform`: any other class alike, y + U{1 … K−1} mod K. `pair`: always the
 * class whose centroid is nearest. `class`: the same, and classes differ in their rate, from half to one and a half times
 * `rate`. `instance`: rows that lie between two classes rather than others, each to the nearest other class.
 *
 * @param sides centroids are those of the first one
 * @throws RangeError with fewer than two classes
 * @source OpenDataVal, `mix_labels` (uniform); Patrini et al., CVPR 2017 (pair, class); after Xia et al., Part-dependent
 * Label Noise, NeurIPS 2020 (instance)
 */
export function plantLabelNoise(
  sides: readonly TrialSide[],
  outputs: number,
  kind: LabelNoiseKind,
  rate: number,
  random: Random,
): FlippedLabels[] {
  if (outputs < 2) throw new RangeError(`label noise: expected at least two classes, got ${outputs}`);
  const centroids = centroidsOf(sides[0]!, outputs);
  const partners = nearestClasses(centroids);
  const classOrder = random.shuffle(Int32Array.from({ length: outputs }, (_, k) => k));
  return sides.map(({ matrix, targets }) => {
    const similarities = (): Float64Array => similaritiesTo(centroids, matrix);
    const flips = WAYS[kind]({ targets, outputs, rate, partners, classOrder, similarities }, random);
    return {
      targets: targets.map((target, row) => flips.get(row) ?? target),
      noisy: Int32Array.from(flips.keys()).sort(),
    };
  });
}

/** round(rate · n) different rows, in random order. */
export const chooseRows = (n: number, rate: number, random: Random): Int32Array =>
  random.shuffle(Int32Array.from({ length: n }, (_, row) => row)).slice(0, Math.round(rate * n));

/** For each class the one with the nearest centroid, the first of equals; the next one where there is none. */
function nearestClasses({ values, outputs, norms }: Centroids): Int32Array {
  const cols = values.length / outputs;
  return Int32Array.from({ length: outputs }, (_, k) => {
    let nearest = (k + 1) % outputs;
    let least = Infinity;
    for (let other = 0; other < outputs; other++) {
      if (other === k) continue;
      let product = 0;
      for (let j = 0; j < cols; j++) product += values[k * cols + j]! * values[other * cols + j]!;
      const distance = norms[other]! - 2 * product;
      if (distance < least) {
        least = distance;
        nearest = other;
      }
    }
    return nearest;
  });
}

function flipByClass({ targets, outputs, rate, partners, classOrder }: Ground, random: Random): Flips {
  const flips = new Map<number, number>();
  classOrder.forEach((k, place) => {
    const rows = Int32Array.from(targets.keys()).filter((row) => targets[row] === k);
    const own = rate * (0.5 + place / (outputs - 1));
    const count = Math.min(Math.round(own * rows.length), rows.length);
    for (const row of random.shuffle(rows).subarray(0, count)) flips.set(row, partners[k]!);
  });
  return flips;
}

/** Draws rows with odds e^z, z the standardised nearness to another class than one's own (Gumbel top-k). */
function flipAtBoundary({ targets, outputs, rate, similarities }: Ground, random: Random): Flips {
  const n = targets.length;
  const near = similarities();
  const wrong = new Int32Array(n);
  const doubt = Float64Array.from(targets, (target, row) => {
    let best = -Infinity;
    for (let k = 0; k < outputs; k++) {
      if (k === target || near[row * outputs + k]! <= best) continue;
      best = near[row * outputs + k]!;
      wrong[row] = k;
    }
    return best - near[row * outputs + target]!;
  });
  const mean = doubt.reduce((sum, value) => sum + value, 0) / n;
  const spread = Math.sqrt(doubt.reduce((sum, value) => sum + (value - mean) ** 2, 0) / n) || 1;
  const keys = doubt.map(
    (value) => (value - mean) / spread - Math.log(-Math.log(1 - random.next() || 1e-16)),
  );
  const order = Int32Array.from(targets.keys()).sort((a, b) => keys[b]! - keys[a]! || a - b);
  return new Map(Array.from(order.subarray(0, Math.round(rate * n)), (row) => [row, wrong[row]!]));
}
