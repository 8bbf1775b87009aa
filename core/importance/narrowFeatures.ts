import type { DenseMatrix } from '../../contracts/matrix.js';
import type { Random } from '../random.js';
import type { Evidence, FeatureRows } from './estimator.js';
import { withEvidence } from './evidence.js';

/** Turns features into dense ones of at most some width, every matrix in the same way. */
export type Narrowing = (features: FeatureRows) => DenseMatrix;

/**
 * Dense features of at most `limit` columns: as they are where they are narrow enough, else projected at random, which
 * keeps distances within about 1/√limit.
 *
 * @source Johnson & Lindenstrauss 1984; Achlioptas, Database-friendly random projections, 2003
 */
export function narrowing(cols: number, limit: number, random: Random): Narrowing {
  if (cols <= limit) return dense;
  const scale = 1 / Math.sqrt(limit);
  const projection = Float64Array.from({ length: cols * limit }, () => random.normal() * scale); // (d, limit)
  return (features) => {
    const { rows } = features.matrix;
    const values = new Float64Array(rows * limit);
    forEachEntry(features, (row, col, value) => {
      const [to, from] = [row * limit, col * limit];
      for (let k = 0; k < limit; k++) values[to + k]! += value * projection[from + k]!;
    });
    return { rows, cols: limit, values };
  };
}

/** Labelled rows with dense features. */
export interface DenseSide {
  readonly matrix: DenseMatrix;
  readonly targets: Int32Array;
}

/** The samples and the validation side, their features narrowed alike. @see narrowing */
export function narrowSides(
  evidence: Evidence,
  estimator: string,
  limit: number,
  random: Random,
): { readonly own: DenseSide; readonly other: DenseSide; readonly outputs: number } {
  const { features, validation, targets, outputs } = withEvidence(evidence, estimator, [
    'features',
    'validation',
  ]);
  const narrow = narrowing(features.matrix.cols, limit, random);
  return {
    own: { matrix: narrow(features), targets },
    other: { matrix: narrow(validation.features), targets: validation.targets },
    outputs,
  };
}

/** Calls `visit` for every value that may differ from 0, row by row. */
export function forEachEntry(
  { kind, matrix }: FeatureRows,
  visit: (row: number, col: number, value: number) => void,
): void {
  if (kind === 'sparse') {
    const { indptr, indices, values } = matrix;
    for (let row = 0; row < matrix.rows; row++) {
      for (let p = indptr[row]!; p < indptr[row + 1]!; p++) visit(row, indices[p]!, values[p]!);
    }
    return;
  }
  matrix.values.forEach((value, at) => {
    if (value !== 0) visit(Math.floor(at / matrix.cols), at % matrix.cols, value);
  });
}

function dense(features: FeatureRows): DenseMatrix {
  if (features.kind === 'dense') return features.matrix;
  const { rows, cols } = features.matrix;
  const values = new Float64Array(rows * cols);
  forEachEntry(features, (row, col, value) => (values[row * cols + col] = value));
  return { rows, cols, values };
}
