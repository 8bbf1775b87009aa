import type { CsrMatrix } from '../../contracts/matrix.js';

/** A linear map to few numbers a row: component c of a row x is x·vectors[c] − offsets[c]. */
export interface Projection {
  readonly vectors: readonly Float64Array[]; // k vectors of (d,)
  readonly offsets: Float64Array; // (k,)
  /** What the method calls the size of a component: singular value, variance, discriminating power. */
  readonly scales: Float64Array; // (k,)
}

/** Training rows to learn a projection from. */
export interface ReductionInput {
  readonly matrix: CsrMatrix; // (n, d)
  readonly targets: Int32Array; // (n,), class codes in [0, outputs)
  readonly outputs: number;
  readonly seed: number;
}

/** One way to fewer features: one file here, one line in index.ts. */
export interface Reduction<S> {
  readonly method: string;
  /** @throws DataError where these rows can't be reduced so */
  fit(input: ReductionInput, settings: S): Projection;
}

/** Signs are a matter of taste: the largest loading of every component is positive, as in scikit-learn. */
export function withPositivePeaks(vectors: readonly Float64Array[]): Float64Array[] {
  return vectors.map((vector) => {
    let peak = 0;
    for (const value of vector) if (Math.abs(value) > Math.abs(peak)) peak = value;
    return peak < 0 ? vector.map((value) => -value) : vector;
  });
}

/** Mean of every column, (d,). */
export function columnMeans({ rows, cols, indices, values }: CsrMatrix): Float64Array {
  const means = new Float64Array(cols);
  for (let p = 0; p < values.length; p++) means[indices[p]!]! += values[p]!;
  return means.map((sum) => sum / rows);
}
