import type { CsrMatrix } from '../../contracts/matrix.js';
import { symmetricEigen } from '../matrix/symmetricEigen.js';
import { seeded } from '../random.js';
import { withPositivePeaks } from './reduction.js';

export interface SubspaceSettings {
  readonly components: number;
  /** Largest relative change of a singular value in a step at which the search ends. */
  readonly tolerance: number;
}

export interface Subspace {
  readonly singularValues: Float64Array; // (k,), largest first; fewer than asked where the rank is lower
  readonly vectors: readonly Float64Array[]; // (d,) each, orthonormal
}

const MAX_STEPS = 200;
/** A direction this much shorter than it was before the others were taken out of it is rounding error. */
const NEGLIGIBLE = 1e-10;

/**
 * The leading right singular vectors of X − 1·centreᵀ, by randomised subspace iteration: a random block of vectors is
 * multiplied by XᵀX and made orthonormal again until the singular values stand still. X stays sparse.
 *
 * @param centre (d,), what to take off every row; undefined: nothing
 * @source Halko, Martinsson & Tropp 2011, algorithm 4.4
 */
export function leadingSubspace(
  matrix: CsrMatrix,
  centre: Float64Array | undefined,
  { components, tolerance }: SubspaceSettings,
  seed: number,
): Subspace {
  const most = Math.min(matrix.rows, matrix.cols);
  const width = Math.min(most, components + Math.max(10, Math.ceil(components / 2)));
  const random = seeded(seed, 'subspace');
  let basis = orthonormal(
    Array.from({ length: width }, () => Float64Array.from({ length: matrix.cols }, () => random.normal())),
  );
  let before = new Float64Array(components);
  for (let step = 0; ; step++) {
    const images = basis.map((vector) => times(matrix, centre, vector));
    const { values, vectors } = symmetricEigen(gram(images), basis.length);
    const singular = values.map((value) => Math.sqrt(Math.max(0, value))).slice(0, components);
    const still = singular.every((value, c) => Math.abs(value - before[c]!) <= tolerance * singular[0]!);
    if (still || step === MAX_STEPS) {
      const rank = singular.filter((value) => value > NEGLIGIBLE * singular[0]!).length;
      const found = vectors.slice(0, rank).map((weights) => combine(basis, weights));
      return { singularValues: singular.slice(0, rank), vectors: withPositivePeaks(found) };
    }
    before = singular;
    basis = orthonormal(orthonormal(images).map((image) => transposedTimes(matrix, centre, image)));
  }
}

/** (X − 1·centreᵀ)·v, (n,). */
function times(matrix: CsrMatrix, centre: Float64Array | undefined, vector: Float64Array): Float64Array {
  const shift = centre ? inner(centre, vector) : 0;
  const { indptr, indices, values } = matrix;
  return Float64Array.from({ length: matrix.rows }, (_, row) => {
    let sum = -shift;
    for (let p = indptr[row]!; p < indptr[row + 1]!; p++) sum += values[p]! * vector[indices[p]!]!;
    return sum;
  });
}

/** (X − 1·centreᵀ)ᵀ·u, (d,). */
function transposedTimes(matrix: CsrMatrix, centre: Float64Array | undefined, u: Float64Array): Float64Array {
  const { rows, indptr, indices, values } = matrix;
  const product = new Float64Array(matrix.cols);
  let total = 0;
  for (let row = 0; row < rows; row++) {
    total += u[row]!;
    for (let p = indptr[row]!; p < indptr[row + 1]!; p++) product[indices[p]!]! += values[p]! * u[row]!;
  }
  if (centre) for (let j = 0; j < product.length; j++) product[j]! -= total * centre[j]!;
  return product;
}

function inner(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

function gram(vectors: readonly Float64Array[]): Float64Array {
  const size = vectors.length;
  const products = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      products[i * size + j] = inner(vectors[i]!, vectors[j]!);
      products[j * size + i] = products[i * size + j]!;
    }
  }
  return products;
}

/** Gram–Schmidt, twice, since once loses digits. Vectors that the others already span are left out. */
function orthonormal(vectors: readonly Float64Array[]): Float64Array[] {
  const basis: Float64Array[] = [];
  for (const vector of vectors) {
    const own = vector.slice();
    const length = Math.sqrt(inner(own, own));
    for (let pass = 0; pass < 2; pass++) for (const one of basis) takeOut(own, one);
    const left = Math.sqrt(inner(own, own));
    if (left > NEGLIGIBLE * length) basis.push(own.map((value) => value / left));
  }
  return basis;
}

function takeOut(vector: Float64Array, unit: Float64Array): void {
  const share = inner(vector, unit);
  for (let i = 0; i < vector.length; i++) vector[i]! -= share * unit[i]!;
}

function combine(vectors: readonly Float64Array[], weights: Float64Array): Float64Array {
  const sum = new Float64Array(vectors[0]!.length);
  vectors.forEach((vector, c) => {
    for (let i = 0; i < sum.length; i++) sum[i]! += weights[c]! * vector[i]!;
  });
  return sum;
}
