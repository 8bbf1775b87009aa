import type { CsrMatrix } from '../../contracts/matrix.js';
import type { Attribution } from '../../contracts/model.js';
import type { LinearParameters } from './parameters.js';

/**
 * Exactly what each stored value of a row adds: x_j Σ_k c_k W_jk. Of one-vs-rest the classes' own decision values are
 * taken apart, before they are brought to probabilities that sum to 1.
 *
 * @param contrast (n × K), c: what each class counts
 */
export function linearAttribution(
  { weights, intercept, outputs: classes }: LinearParameters,
  { rows, indptr, indices, values }: CsrMatrix,
  contrast: Float64Array,
): Attribution {
  const baselines = new Float64Array(rows);
  const outputs = new Float64Array(rows);
  const parts = Array.from({ length: rows }, (_, row) => {
    const counts = contrast.subarray(row * classes, (row + 1) * classes);
    const dot = (of: Float64Array, start: number): number =>
      counts.reduce((sum, count, k) => sum + (count === 0 ? 0 : count * of[start + k]!), 0);
    const own = Float64Array.from({ length: indptr[row + 1]! - indptr[row]! }, (__, i) => {
      const at = indptr[row]! + i;
      return values[at]! * dot(weights, indices[at]! * classes);
    });
    baselines[row] = dot(intercept, 0);
    outputs[row] = own.reduce((sum, value) => sum + value, baselines[row]);
    return own;
  });
  return { values: parts, outputs, baselines };
}
