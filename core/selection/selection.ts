import type { CsrMatrix } from '../../contracts/matrix.js';

/** Training rows to select features by. */
export interface SelectionInput {
  readonly matrix: CsrMatrix; // (n, d)
  readonly targets: Int32Array; // (n,), class codes in [0, outputs)
  readonly outputs: number;
}

/** One way to tell how much a feature says of the class: one file here, one line in index.ts. */
export interface SelectionMethod {
  /** Higher says more, (d,). */
  scores(input: SelectionInput): Float64Array;
}

/** What each class adds up to: for every feature the sum of `of(value)` in each class, (d, K) row-major. */
export function classSums(
  { matrix, targets, outputs }: SelectionInput,
  of: (value: number) => number,
): Float64Array {
  const sums = new Float64Array(matrix.cols * outputs);
  for (let row = 0; row < matrix.rows; row++) {
    for (let p = matrix.indptr[row]!; p < matrix.indptr[row + 1]!; p++) {
      sums[matrix.indices[p]! * outputs + targets[row]!]! += of(matrix.values[p]!);
    }
  }
  return sums;
}

/** Rows of each class, (K,). */
export function classCounts({ targets, outputs }: SelectionInput): Float64Array {
  const counts = new Float64Array(outputs);
  for (const target of targets) counts[target]! += 1;
  return counts;
}
