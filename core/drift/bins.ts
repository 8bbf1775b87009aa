import { byText, increment } from '../features/block.js';

/** Where values fall; made of reference values, and then asked of any others. */
export interface Bins {
  /** For people, one a bin; the last bin is for what is missing. */
  readonly labels: readonly string[];
  /** Counts of values, (labels,). */
  count(values: Iterable<number | string | null>): Float64Array;
}

const NUMERIC_BINS = 10;
const MOST_CATEGORIES = 30;
const OTHER = '(other)';
const MISSING = '(missing)';

/** Bins between the deciles of the reference, which are values of it. NaN is missing. */
export function numericBins(reference: Float64Array): Bins {
  const sorted = reference.filter((value) => !Number.isNaN(value)).sort();
  const deciles = Array.from({ length: NUMERIC_BINS - 1 }, (_, b) =>
    sorted.length > 0 ? sorted[Math.floor(((b + 1) * sorted.length) / NUMERIC_BINS)]! : 0,
  );
  const edges = [...new Set(deciles)];
  const labels = [
    `< ${short(edges[0]!)}`,
    ...edges.map((edge, b) =>
      b + 1 < edges.length ? `${short(edge)} … ${short(edges[b + 1]!)}` : `≥ ${short(edge)}`,
    ),
    MISSING,
  ];
  return {
    labels,
    count(values) {
      const counts = new Float64Array(labels.length);
      for (const value of values) {
        const missing = value === null || Number.isNaN(value);
        counts[missing ? labels.length - 1 : edges.filter((edge) => edge <= Number(value)).length]! += 1;
      }
      return counts;
    },
  };
}

const short = (value: number): string => String(Number(value.toPrecision(4)));

/** A bin for each of the most frequent values of the reference, one for all others. Of equals the first by name. */
export function categoryBins(reference: Iterable<string | null>, most = MOST_CATEGORIES): Bins {
  const counts = new Map<string, number>();
  for (const value of reference) if (value !== null) increment(counts, value);
  const frequent = [...counts].sort((a, b) => b[1] - a[1] || byText(a[0], b[0])).slice(0, most);
  const names = frequent.map(([name]) => name);
  const place = new Map(names.map((name, b) => [name, b]));
  const labels = [...names, OTHER, MISSING];
  return {
    labels,
    count(values) {
      const found = new Float64Array(labels.length);
      for (const value of values) {
        const bin = value === null ? labels.length - 1 : (place.get(String(value)) ?? names.length);
        found[bin]! += 1;
      }
      return found;
    },
  };
}
