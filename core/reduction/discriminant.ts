import { DataError } from '../../contracts/errors.js';
import type { CsrMatrix } from '../../contracts/matrix.js';
import { dot } from '../matrix/dense.js';
import { symmetricEigen } from '../matrix/symmetricEigen.js';
import { columnMeans, type Reduction, type ReductionInput, withPositivePeaks } from './reduction.js';

/** The scatter matrix is (d, d), and its eigenvectors cost d³. */
const MAX_FEATURES = 1000;
/** Singular values below this are rank that is not there. */
const RANK_TOLERANCE = 1e-4;

/**
 * Linear discriminant analysis: the directions that part the classes best, at most K − 1. A singular scatter within
 * classes is no obstacle: directions without any are left out.
 *
 * @source scikit-learn's LinearDiscriminantAnalysis, solver svd; Hastie, Tibshirani & Friedman 2009, section 4.3.3
 */
export const discriminant: Reduction<{ readonly components?: number | undefined }> = {
  method: 'lda',
  fit(input, { components = Infinity }) {
    const { matrix, outputs } = input;
    if (matrix.cols > MAX_FEATURES) {
      throw new DataError(
        `features.reduce: lda takes at most ${MAX_FEATURES} features, got ${matrix.cols}; put {method: svd, components: 200} before it`,
      );
    }
    if (outputs < 2)
      throw new DataError('features.reduce: lda needs two classes or more in the training rows');
    const classes = classMeans(input);
    const whitening = whiten(withinScatter(matrix, classes), matrix.rows);
    const { vectors, scales } = between(classes, columnMeans(matrix), whitening);
    const kept = withPositivePeaks(vectors.slice(0, components));
    const mean = columnMeans(matrix);
    return {
      vectors: kept,
      offsets: Float64Array.from(kept, (vector) => dot(mean, vector)),
      scales: scales.slice(0, components),
    };
  },
};

interface ClassMeans {
  readonly counts: Float64Array; // (K,)
  readonly means: readonly Float64Array[]; // K of (d,)
}

function classMeans({ matrix, targets, outputs }: ReductionInput): ClassMeans {
  const counts = new Float64Array(outputs);
  const means = Array.from({ length: outputs }, () => new Float64Array(matrix.cols));
  for (let row = 0; row < matrix.rows; row++) {
    const mean = means[targets[row]!]!;
    counts[targets[row]!]! += 1;
    for (let p = matrix.indptr[row]!; p < matrix.indptr[row + 1]!; p++)
      mean[matrix.indices[p]!]! += matrix.values[p]!;
  }
  means.forEach((mean, k) => {
    for (let j = 0; j < mean.length; j++) mean[j]! /= counts[k]! || 1;
  });
  return { counts, means };
}

/** Σ (x − mean of its class)(x − mean of its class)ᵀ, (d, d): XᵀX without what the means explain. */
function withinScatter({ rows, cols, indptr, indices, values }: CsrMatrix, { counts, means }: ClassMeans) {
  const scatter = new Float64Array(cols * cols);
  for (let row = 0; row < rows; row++) {
    for (let p = indptr[row]!; p < indptr[row + 1]!; p++) {
      const base = indices[p]! * cols;
      for (let q = indptr[row]!; q <= p; q++) scatter[base + indices[q]!]! += values[p]! * values[q]!;
    }
  }
  means.forEach((mean, k) => {
    for (let a = 0; a < cols; a++) {
      const scaled = counts[k]! * mean[a]!;
      if (scaled !== 0) for (let b = 0; b <= a; b++) scatter[a * cols + b]! -= scaled * mean[b]!;
    }
  });
  return { scatter, size: cols };
}

/** Vectors that turn the scatter within classes, divided by n, into the identity. */
function whiten({ scatter, size }: ReturnType<typeof withinScatter>, rows: number): Float64Array[] {
  const deviations = Float64Array.from({ length: size }, (_, j) =>
    Math.sqrt(Math.max(0, scatter[j * size + j]!) / rows),
  ).map((deviation) => (deviation > 1e-10 ? deviation : 1));
  const scaled = scatter.map(
    (value, at) => value / (rows * deviations[Math.floor(at / size)]! * deviations[at % size]!),
  );
  const { values, vectors } = symmetricEigen(scaled, size);
  return vectors.flatMap((vector, c) => {
    const singular = Math.sqrt(Math.max(0, values[c]!));
    return singular > RANK_TOLERANCE ? [vector.map((value, j) => value / deviations[j]! / singular)] : [];
  });
}

/** Singular vectors of the whitened means of the classes, through the (K, K) products of these means. */
function between({ counts, means }: ClassMeans, mean: Float64Array, whitening: readonly Float64Array[]) {
  const outputs = counts.length;
  const whitened = means.map((own, k) => {
    const centred = own.map((value, j) => Math.sqrt(counts[k]! / (outputs - 1)) * (value - mean[j]!));
    return Float64Array.from(whitening, (vector) => dot(centred, vector));
  });
  const products = Float64Array.from({ length: outputs ** 2 }, (_, at) =>
    dot(whitened[Math.floor(at / outputs)]!, whitened[at % outputs]!),
  );
  const { values, vectors } = symmetricEigen(products, outputs);
  const singular = values.map((value) => Math.sqrt(Math.max(0, value)));
  const rank = singular.filter((value) => value > RANK_TOLERANCE * singular[0]!).length;
  return {
    scales: singular.slice(0, rank).map((value) => value ** 2),
    vectors: vectors.slice(0, rank).map((weights, c) => {
      const direction = Float64Array.from(whitening, (_, j) =>
        whitened.reduce((sum, row, k) => sum + (weights[k]! * row[j]!) / singular[c]!, 0),
      );
      return mean.map((_, j) => whitening.reduce((sum, vector, i) => sum + direction[i]! * vector[j]!, 0));
    }),
  };
}
