/** Precision, recall and F1 of one class; each 0 where it would be 0/0, as scikit-learn's zero_division=0. */
export interface ClassFigures {
  readonly support: number; // (weight of) samples of the class
  readonly predicted: number; // (weight of) samples predicted as the class
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
}

/** Confusion counts (or weights), (K, K) row-major, [true][predicted]. */
export function confusion(
  targets: Int32Array,
  predicted: Int32Array,
  outputs: number,
  weights?: Float64Array,
): Float64Array {
  const counts = new Float64Array(outputs * outputs);
  targets.forEach((target, i) => {
    counts[target * outputs + predicted[i]!]! += weights?.[i] ?? 1;
  });
  return counts;
}

/** Figures of each class, by code, from confusion counts (K, K), [true][predicted]. */
export function perClass(counts: Float64Array, outputs: number): ClassFigures[] {
  return Array.from({ length: outputs }, (_, k) => {
    let support = 0;
    let predicted = 0;
    for (let c = 0; c < outputs; c++) {
      support += counts[k * outputs + c]!;
      predicted += counts[c * outputs + k]!;
    }
    const right = counts[k * (outputs + 1)]!;
    return {
      support,
      predicted,
      precision: ratio(right, predicted),
      recall: ratio(right, support),
      f1: ratio(2 * right, support + predicted),
    };
  });
}

const ratio = (part: number, whole: number): number => (whole > 0 ? part / whole : 0);
