import { quantile } from '../statistics/bootstrap.js';
import type { Neighbours } from './neighbours.js';

/** Rows that are unlike all others. */
export interface Outliers {
  /** Mean cosine distance to the nearest rows, (n,); a row that shares no feature with any has 1. */
  readonly distances: Float64Array;
  readonly flagged: Uint8Array; // (n,), 1 = outlier
  readonly threshold: number;
}

/**
 * Flags rows whose nearest rows are far out: beyond Q3 + 3·IQR of all mean distances, or without any row that shares
 * a feature.
 *
 * @source Tukey, Exploratory Data Analysis, 1977 ("far out"); Kuan & Mueller, "Back to the basics: revisiting out-of-distribution detection baselines", 2022 (distance to neighbours)
 */
export function findOutliers({ k, rows, distances }: Neighbours): Outliers {
  const n = rows.length / k;
  const means = new Float64Array(n);
  for (let row = 0; row < n; row++) {
    let sum = 0;
    for (let j = 0; j < k; j++) sum += distances[row * k + j]!;
    means[row] = sum / k;
  }
  const sorted = means.slice().sort();
  const [q1, q3] = [quantile(sorted, 0.25), quantile(sorted, 0.75)];
  const threshold = q3 + 3 * (q3 - q1);
  const isAlone = (row: number): boolean => rows[row * k] === -1;
  const flagged = Uint8Array.from(means, (mean, row) => Number(isAlone(row) || mean > threshold));
  return { distances: means, flagged, threshold };
}
