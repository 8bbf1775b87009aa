/**
 * The lower of the two clusters into which exact one-dimensional 2-means splits the values: those called noisy. Rows in
 * ascending order; fewer than two values make no split, and all are in it.
 *
 * @source Jiang, Liang, Zou & Kwon, OpenDataVal, NeurIPS 2023, noisy label detection (`oned_twonn_clustering`)
 */
export function lowCluster(values: Float64Array): Int32Array {
  const order = ascending(values);
  const n = values.length;
  const [total, squares] = sums(values);
  let below = 0;
  let belowSquares = 0;
  let lowest = Infinity;
  let size = n;
  for (let i = 0; i < n - 1; i++) {
    const value = values[order[i]!]!;
    below += value;
    belowSquares += value * value;
    const above = total - below;
    const cost = belowSquares - below ** 2 / (i + 1) + (squares - belowSquares - above ** 2 / (n - i - 1));
    if (cost < lowest) {
      lowest = cost;
      size = i + 1;
    }
  }
  return order.slice(0, size).sort();
}

function sums(values: Float64Array): [number, number] {
  let total = 0;
  let squares = 0;
  for (const value of values) {
    total += value;
    squares += value * value;
  }
  return [total, squares];
}

/** F1 of a set of predicted rows against the true ones; 0 where they share none. */
export function f1OfSets(predicted: ArrayLike<number>, actual: ArrayLike<number>): number {
  const wanted = new Set(Array.from(actual));
  const hits = Array.from(predicted).filter((row) => wanted.has(row)).length;
  return hits === 0 ? 0 : (2 * hits) / (predicted.length + actual.length);
}

/** F1 of {@link lowCluster} against the noisy rows: OpenDataVal's figure. Random scores: about 0.29 at 20% noise. */
export const twoMeansF1 = (values: Float64Array, noisy: ArrayLike<number>): number =>
  f1OfSets(lowCluster(values), noisy);

/**
 * Share of the noisy rows among the b lowest values, for b = 0, p, 2p, … up to at least n; p = 5% of n, at least 5.
 * Equal values are taken in row order.
 *
 * @source OpenDataVal, `discover_corrupted_sample`
 */
export function discoveryCurve(values: Float64Array, noisy: ArrayLike<number>): Float64Array {
  const found = foundAmongLowest(values, noisy);
  const n = values.length;
  const step = Math.max(roundHalfToEven(0.05 * n), 5);
  return Float64Array.from({ length: Math.ceil((n + step) / step) }, (_, i) => found[Math.min(i * step, n)]!);
}

/** Share of the noisy rows among as many lowest values as there are noisy rows. */
export const recallAtNoisy = (values: Float64Array, noisy: ArrayLike<number>): number =>
  foundAmongLowest(values, noisy)[noisy.length]!;

/** Share of the noisy rows among the b lowest values, for b = 0 … n. */
function foundAmongLowest(values: Float64Array, noisy: ArrayLike<number>): Float64Array {
  const wanted = new Set(Array.from(noisy));
  const order = ascending(values);
  const found = new Float64Array(values.length + 1);
  order.forEach((row, place) => (found[place + 1] = found[place]! + (wanted.has(row) ? 1 : 0)));
  return found.map((count) => count / Math.max(wanted.size, 1));
}

function roundHalfToEven(value: number): number {
  const below = Math.floor(value);
  return value - below === 0.5 ? below + (below % 2) : Math.round(value);
}

/** Positions from the smallest value up, equal ones in order of position. */
const ascending = (values: Float64Array): Int32Array =>
  Int32Array.from(values.keys()).sort((a, b) => values[a]! - values[b]! || a - b);
