/** Eigenvalues, largest first, and their eigenvectors. */
export interface Eigen {
  readonly values: Float64Array; // (d,)
  readonly vectors: readonly Float64Array[]; // d vectors of (d,), orthonormal, in the order of the values
}

/** Steps of the implicit QL iteration that one eigenvalue may take; three are usual. */
const MAX_STEPS = 60;

/**
 * Eigenvalues and eigenvectors of a symmetric matrix, (d, d) row-major; its lower triangle is read.
 *
 * @source Householder tridiagonalisation and implicit QL: Martin, Reinsch & Wilkinson 1968, as in EISPACK's tred2, tql2
 */
export function symmetricEigen(matrix: Float64Array, size: number): Eigen {
  const basis = Array.from({ length: size }, (_, i) =>
    Float64Array.from({ length: size }, (_, j) => matrix[Math.max(i, j) * size + Math.min(i, j)]!),
  );
  const { diagonal, offDiagonal } = tridiagonal(basis);
  diagonalise(diagonal, offDiagonal, basis);
  const order = Array.from(diagonal.keys()).sort((a, b) => diagonal[b]! - diagonal[a]! || a - b);
  return {
    values: Float64Array.from(order, (i) => diagonal[i]!),
    vectors: order.map((i) => basis[i]!),
  };
}

/** Leaves QᵀAQ tridiagonal; `rows`, first the matrix, becomes Qᵀ: row i is what diagonal[i] belongs to. */
function tridiagonal(rows: Float64Array[]): { diagonal: Float64Array; offDiagonal: Float64Array } {
  const size = rows.length;
  const reflectors: Float64Array[] = [];
  for (let k = 0; k < size - 2; k++) {
    const v = rows[k]!.slice();
    v.fill(0, 0, k + 1);
    const norm = Math.sqrt(v.reduce((sum, x) => sum + x * x, 0));
    if (norm > 0) {
      v[k + 1]! += v[k + 1]! < 0 ? -norm : norm;
      const half = v.reduce((sum, x) => sum + x * x, 0) / 2;
      reflectTwice(rows, v, half, k);
      for (let j = 0; j < size; j++) v[j]! /= Math.sqrt(half);
    }
    reflectors.push(v);
  }
  const diagonal = Float64Array.from({ length: size }, (_, i) => rows[i]![i]!);
  const offDiagonal = Float64Array.from({ length: size }, (_, i) => (i === 0 ? 0 : rows[i]![i - 1]!));
  rows.forEach((row, i) => row.fill(0).fill(1, i, i + 1));
  for (const v of reflectors.reverse()) for (const row of rows) reflect(row, v, 1);
  return { diagonal, offDiagonal };
}

/** A ← HAH with H = I − vvᵀ/half, v zero up to k. */
function reflectTwice(rows: Float64Array[], v: Float64Array, half: number, k: number): void {
  const p = rows.map((row) => product(row, v, k + 1) / half);
  const factor = product(Float64Array.from(p), v, k + 1) / (2 * half);
  const q = Float64Array.from(p, (x, i) => x - factor * v[i]!);
  for (let i = k; i < rows.length; i++) {
    const row = rows[i]!;
    for (let j = k; j < rows.length; j++) row[j]! -= v[i]! * q[j]! + q[i]! * v[j]!;
  }
}

function reflect(row: Float64Array, v: Float64Array, half: number): void {
  const factor = product(row, v, 0) / half;
  if (factor !== 0) for (let j = 0; j < row.length; j++) row[j]! -= factor * v[j]!;
}

function product(a: Float64Array, b: Float64Array, from: number): number {
  let sum = 0;
  for (let j = from; j < b.length; j++) sum += a[j]! * b[j]!;
  return sum;
}

/** Implicit QL with Wilkinson's shift. Rotates the rows of `basis` along, so that row i belongs to diagonal[i]. */
function diagonalise(diagonal: Float64Array, below: Float64Array, basis: Float64Array[]): void {
  const size = diagonal.length;
  const off = Float64Array.from({ length: size }, (_, i) => below[i + 1] ?? 0);
  for (let l = 0; l < size; l++) {
    for (let step = 0; ; step++) {
      const m = firstNegligible(diagonal, off, l);
      if (m === l) break;
      if (step === MAX_STEPS)
        throw new RangeError('expected a matrix of finite numbers: no eigenvalue found');
      chase(diagonal, off, basis, l, m);
    }
  }
}

function firstNegligible(diagonal: Float64Array, off: Float64Array, l: number): number {
  let m = l;
  while (m < diagonal.length - 1) {
    const scale = Math.abs(diagonal[m]!) + Math.abs(diagonal[m + 1]!);
    if (Math.abs(off[m]!) <= Number.EPSILON * scale) break;
    m++;
  }
  return m;
}

/** One QL step on the block l…m. */
function chase(d: Float64Array, e: Float64Array, basis: Float64Array[], l: number, m: number): void {
  const ratio = (d[l + 1]! - d[l]!) / (2 * e[l]!);
  const root = Math.hypot(ratio, 1);
  let g = d[m]! - d[l]! + e[l]! / (ratio + (ratio < 0 ? -root : root));
  let [s, c, p] = [1, 1, 0];
  for (let i = m - 1; i >= l; i--) {
    const f = s * e[i]!;
    const b = c * e[i]!;
    const r = Math.hypot(f, g);
    e[i + 1] = r;
    if (r === 0) {
      d[i + 1]! -= p;
      e[m] = 0;
      return;
    }
    s = f / r;
    c = g / r;
    g = d[i + 1]! - p;
    const t = (d[i]! - g) * s + 2 * c * b;
    p = s * t;
    d[i + 1] = g + p;
    g = c * t - b;
    rotate(basis[i]!, basis[i + 1]!, s, c);
  }
  d[l]! -= p;
  e[l] = g;
  e[m] = 0;
}

function rotate(low: Float64Array, high: Float64Array, s: number, c: number): void {
  for (let k = 0; k < low.length; k++) {
    const held = high[k]!;
    high[k] = s * low[k]! + c * held;
    low[k] = c * low[k]! - s * held;
  }
}
