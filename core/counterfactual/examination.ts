import { inversePropensities } from './propensity.js';

/** Impressions of items at places that are looked at more or less often. */
export interface ExaminedLog {
  readonly items: ArrayLike<number>; // (n,), the item of each impression, from 0
  readonly clicks: ArrayLike<number>; // (n,), 0 or 1
  readonly examination: ArrayLike<number>; // (n,), chance that the place was looked at, in (0, 1]
  readonly weights?: ArrayLike<number>; // (n,), of impressions; all 1 where left out
}

/** What a log says of its items, as weights of one positive and one negative row each. */
export interface ItemMasses {
  readonly items: Int32Array; // (m,), as they first appear
  readonly shown: Float64Array; // (m,), weight of the item's impressions
  readonly positive: Float64Array; // (m,)
  readonly negative: Float64Array; // (m,)
}

/** Chance (1/place)^η that the place, from 1 on, is looked at: the position-based click model. */
export const examinationAt = (place: number, eta = 1): number => (1 / place) ** eta;

/**
 * Clicks as weights, each impression one: a click counts as 1 positive, anything else as 1 negative. What was never
 * looked at counts as disliked.
 */
export const clickMasses = (log: ExaminedLog): ItemMasses => massesOf(log, () => 1);

/**
 * Clicks as unbiased weights of relevance: a click at a place that is looked at with chance θ stands for 1/θ positives, and
 * 1 − Σ clicks/θ of the item's impressions are negative. Summed over an item's impressions first, so that a negative rest
 * (which is set to 0) is rare.
 *
 * @source Saito et al., Unbiased Recommender Learning from Missing-Not-At-Random Implicit Feedback, WSDM 2020
 */
export function examinedMasses(log: ExaminedLog, floor = 0): ItemMasses {
  const inverse = inversePropensities(log.examination, floor);
  return massesOf(log, (impression) => inverse[impression]!);
}

function massesOf(
  { items, clicks, examination, weights }: ExaminedLog,
  stands: (impression: number) => number,
): ItemMasses {
  const n = items.length;
  if (clicks.length !== n || examination.length !== n || (weights && weights.length !== n)) {
    throw new RangeError(
      `click log: expected ${n} clicks, chances of examination and weights, one an impression, got ${clicks.length}, ${examination.length} and ${weights?.length ?? 'none'}`,
    );
  }
  const places = new Map<number, number>();
  const shown: number[] = [];
  const positive: number[] = [];
  for (let i = 0; i < n; i++) {
    const item = items[i]!;
    const at = places.get(item) ?? places.size;
    if (at === places.size) places.set(item, at);
    const weight = weights?.[i] ?? 1;
    shown[at] = (shown[at] ?? 0) + weight;
    positive[at] = (positive[at] ?? 0) + (clicks[i] ? weight * stands(i) : 0);
  }
  return {
    items: Int32Array.from(places.keys()),
    shown: Float64Array.from(shown),
    positive: Float64Array.from(positive),
    negative: Float64Array.from(positive, (mass, at) => Math.max(0, shown[at]! - mass)),
  };
}
