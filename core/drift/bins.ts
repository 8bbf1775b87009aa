import { compareCodePoints } from '../text/termOrder.js';

/** A value, and how often it is there. */
export type Counted = readonly [value: number | string | null, times: number];

/** Where values fall; made of reference values, and then asked of any others. */
export interface Bins {
  /** For people, one a bin; the last bin is for what is missing. */
  readonly labels: readonly string[];
  /** Counts of values, (labels,). */
  count(values: Iterable<Counted>): Float64Array;
}

const NUMERIC_BINS = 10;
export const MOST_CATEGORIES = 30;
const OTHER = '(other)';
const MISSING = '(missing)';

/** Bins of numbers: the first one is below all edges, each other one begins at one. */
export interface NumberBins extends Bins {
  readonly edges: readonly number[]; // ascending
}

/** Where the deciles stand among so many numbers, which ascend. */
export const decilePositions = (count: number): number[] =>
  Array.from({ length: NUMERIC_BINS - 1 }, (_, b) => Math.floor(((b + 1) * count) / NUMERIC_BINS));

/** Bins between the deciles of the reference, which are values of it. NaN is missing. */
export function numericBins(reference: Float64Array): NumberBins {
  const sorted = reference.filter((value) => !Number.isNaN(value)).sort();
  return decileBins(sorted.length > 0 ? decilePositions(sorted.length).map((at) => sorted[at]!) : []);
}

/** @param deciles none where there is no number */
export function decileBins(deciles: readonly number[]): NumberBins {
  const edges = deciles.length > 0 ? [...new Set(deciles)] : [0];
  const labels = [
    `< ${short(edges[0]!)}`,
    ...edges.map((edge, b) =>
      b + 1 < edges.length ? `${short(edge)} … ${short(edges[b + 1]!)}` : `≥ ${short(edge)}`,
    ),
    MISSING,
  ];
  const binOf = (value: Counted[0]): number => {
    if (value === null || Number.isNaN(value)) return labels.length - 1;
    const above = edges.findIndex((edge) => edge > Number(value));
    return above < 0 ? edges.length : above;
  };
  return { edges, labels, count: (values) => counted(labels.length, values, binOf) };
}

const short = (value: number): string => String(Number(value.toPrecision(4)));

/** A bin for each of the most frequent values of the reference, one for all others. Of equals the first by code point. */
export function categoryBins(reference: ReadonlyMap<string, number>, most = MOST_CATEGORIES): Bins {
  const frequent = [...reference].sort((a, b) => b[1] - a[1] || compareCodePoints(a[0], b[0])).slice(0, most);
  const names = frequent.map(([name]) => name);
  const place = new Map(names.map((name, b) => [name, b]));
  const labels = namedLabels(names);
  const binOf = (value: Counted[0]): number =>
    value === null ? labels.length - 1 : (place.get(String(value)) ?? names.length);
  return { labels, count: (values) => counted(labels.length, values, binOf) };
}

/** Labels of bins that have names. */
export const namedLabels = (names: readonly string[]): string[] => [...names, OTHER, MISSING];

function counted(
  bins: number,
  values: Iterable<Counted>,
  binOf: (value: Counted[0]) => number,
): Float64Array {
  const counts = new Float64Array(bins);
  for (const [value, times] of values) counts[binOf(value)]! += times;
  return counts;
}
