import assert from 'node:assert/strict';
import { it } from 'node:test';
import { findOutliers } from '../../../core/audit/outliers.js';

it('rows far out, and rows that share no feature with any, are outliers', () => {
  // Sorted: .10 .11 .12 … .18 .34 .37 1; of 12 the third is Q1 = .12, the ninth Q3 = .18: threshold .18 + 3 × .06 = .36
  const distances = [0.1, 0.11, 0.12, 0.13, 0.14, 0.15, 0.16, 0.17, 0.18, 0.37, 0.34, 1];
  const { flagged, threshold } = findOutliers({
    k: 1,
    rows: Int32Array.from(distances, (distance) => (distance === 1 ? -1 : 0)),
    distances: Float64Array.from(distances),
  });
  assert.ok(Math.abs(threshold - 0.36) < 1e-12);
  assert.deepEqual([...flagged], [0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1]);
});

it('a row that shares no feature with any is an outlier even where all rows are far apart', () => {
  const { flagged } = findOutliers({
    k: 1,
    rows: Int32Array.of(1, 0, -1),
    distances: Float64Array.of(0.9, 0.9, 1),
  });
  assert.deepEqual([...flagged], [0, 0, 1]);
});
