import type { DenseMatrix } from '../../contracts/matrix.js';
import type { LastLayer } from '../../contracts/model.js';
import { tracedInfluence } from '../importance/tracin.js';
import type { Influence } from './influences.js';

/** A moment of a network's training: its last layer at n training rows, then at the row that is asked for. */
export interface TracedPoint {
  readonly layer: LastLayer; // of n + 1 rows
  readonly learningRate: number;
}

/**
 * Which training rows support a class at the last row of each point, and which oppose it: TracInCP of the last layer,
 * Σ_t η_t ⟨∇ℓ(zᵢ; θ_t), ∇ℓ(z; θ_t)⟩ over its weights and intercept, ℓ(z) = −ln p(class). Above 0: steps on the row raised
 * ln p(class), in nats.
 *
 * @param targets (n,), of the training rows
 * @returns by place among the training rows, the strongest support first
 * @source Pruthi et al., Estimating Training Data Influence by Tracing Gradient Descent, NeurIPS 2020, sections 3.2 and 4
 */
export function tracedStates(points: readonly TracedPoint[], targets: Int32Array, code: number): Influence[] {
  const total = new Float64Array(targets.length);
  for (const { layer, learningRate } of points) {
    const { features, weights, intercept } = layer;
    const asked = { features: part(features, targets.length, features.rows), targets: Int32Array.of(code) };
    const samples = { features: part(features, 0, targets.length), targets };
    tracedInfluence([{ weights, intercept, learningRate }], samples, asked).forEach(
      (value, row) => (total[row]! += value),
    );
  }
  return Array.from(total, (value, row) => ({ row, value })).sort(
    (a, b) => b.value - a.value || a.row - b.row,
  );
}

const part = ({ cols, values }: DenseMatrix, from: number, to: number) => ({
  kind: 'dense' as const,
  matrix: { rows: to - from, cols, values: values.subarray(from * cols, to * cols) },
});
