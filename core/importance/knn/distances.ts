import type { DenseMatrix } from '../../../contracts/matrix.js';

const POINTS = 4; // that one pass over a block of rows serves
const BLOCK_BYTES = 1 << 15; // of rows that stay in the first cache

/** Squared Euclidean distances of `count` (at most 4) rows of `points` from row `first` on, to every row of `rows`. */
export interface SquaredDistances {
  (first: number, count: number): readonly Float64Array[]; // (count, n); valid until the next call
}

/** @throws RangeError where the widths differ */
export function squaredDistances(rows: DenseMatrix, points: DenseMatrix): SquaredDistances {
  if (rows.cols !== points.cols) {
    throw new RangeError(`expected points of ${rows.cols} features, got ${points.cols}`);
  }
  const distances = Array.from({ length: POINTS }, () => new Float64Array(rows.rows));
  const block = Math.max(1, Math.floor(BLOCK_BYTES / (8 * Math.max(rows.cols, 1))));
  return (first, count) => {
    const at = Array.from({ length: POINTS }, (_, p) => (first + Math.min(p, count - 1)) * points.cols);
    for (let from = 0; from < rows.rows; from += block) {
      fill(distances, rows, points.values, at, from, Math.min(from + block, rows.rows));
    }
    return distances.slice(0, count);
  };
}

/** Four sums at once: a row is read once for four points. */
function fill(
  [d0, d1, d2, d3]: readonly Float64Array[],
  { cols, values }: DenseMatrix,
  points: Float64Array,
  [p0 = 0, p1 = 0, p2 = 0, p3 = 0]: readonly number[],
  from: number,
  to: number,
): void {
  for (let i = from; i < to; i++) {
    const start = i * cols;
    let [s0, s1, s2, s3] = [0, 0, 0, 0];
    for (let j = 0; j < cols; j++) {
      const x = values[start + j]!;
      const a = x - points[p0 + j]!;
      const b = x - points[p1 + j]!;
      const c = x - points[p2 + j]!;
      const d = x - points[p3 + j]!;
      s0 += a * a;
      s1 += b * b;
      s2 += c * c;
      s3 += d * d;
    }
    d0![i] = s0;
    d1![i] = s1;
    d2![i] = s2;
    d3![i] = s3;
  }
}
