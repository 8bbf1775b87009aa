import type { CsrMatrix } from '../../contracts/matrix.js';

/** A training sample, and how much a step of training on it changes a prediction. */
export interface Influence {
  readonly row: number;
  readonly value: number; // positive: supports
}

interface InfluenceInput {
  readonly features: CsrMatrix; // of all rows
  readonly probabilities: Float64Array; // (rows, K), by the final model
  readonly targets: Int32Array;
  readonly weights: Float64Array; // (rows,)
  readonly outputs: number; // K
  /** Training rows that may be named. */
  readonly training: Int32Array;
}

/**
 * Which training samples support a class at a row, and which oppose it: how a gradient step on each of them, with its
 * weight, changes ln p(class) there, for a softmax over the features: w·⟨x, z⟩·⟨y − p(x), e_class − p(z)⟩.
 *
 * @returns those that touch the row, the strongest support first
 * @source Pruthi et al., Estimating Training Data Influence by Tracing Gradient Descent, NeurIPS 2020 (TracInCP, the last checkpoint)
 */
export function influencesOn(
  { features, probabilities, targets, weights, outputs, training }: InfluenceInput,
  row: number,
  code: number,
): Influence[] {
  const { indptr, indices, values } = features;
  const own = new Map<number, number>();
  for (let at = indptr[row]!; at < indptr[row + 1]!; at++) own.set(indices[at]!, values[at]!);
  const toward = Float64Array.from(
    { length: outputs },
    (_, k) => Number(k === code) - probabilities[row * outputs + k]!,
  );
  const found: Influence[] = [];
  for (const other of training) {
    if (other === row) continue;
    let shared = 0;
    for (let at = indptr[other]!; at < indptr[other + 1]!; at++)
      shared += values[at]! * (own.get(indices[at]!) ?? 0);
    if (shared === 0 || weights[other] === 0) continue;
    let agreement = 0;
    for (let k = 0; k < outputs; k++) {
      agreement += (Number(k === targets[other]) - probabilities[other * outputs + k]!) * toward[k]!;
    }
    found.push({ row: other, value: weights[other]! * shared * agreement });
  }
  return found.sort((a, b) => b.value - a.value || a.row - b.row);
}
