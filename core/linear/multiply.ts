import type { CsrMatrix } from '../../contracts/matrix.js';

/**
 * out = A·B for a sparse A (r × c) and a dense row-major B (c × width); B may have more rows. Four entries of A at a
 * time, so that the inner loop reads four rows of B for one write.
 */
export function multiply(a: CsrMatrix, b: Float64Array, width: number, out: Float64Array): void {
  multiplyRows(a, b, width, out, 0, a.rows);
}

/** The same for some rows of A; `out` holds theirs only. */
export function multiplyRows(
  a: CsrMatrix,
  b: Float64Array,
  width: number,
  out: Float64Array,
  from: number,
  to: number,
): void {
  if (width === 1) {
    multiplyVector(a, b, out, from, to);
    return;
  }
  const { indptr, indices, values } = a;
  for (let row = from, o = 0; row < to; row++, o += width) {
    const end = indptr[row + 1]!;
    let p = indptr[row]!;
    out.fill(0, o, o + width);
    for (; p + 3 < end; p += 4) {
      const [v0, v1, v2, v3] = [values[p]!, values[p + 1]!, values[p + 2]!, values[p + 3]!];
      const b0 = indices[p]! * width;
      const b1 = indices[p + 1]! * width;
      const b2 = indices[p + 2]! * width;
      const b3 = indices[p + 3]! * width;
      for (let k = 0; k < width; k++) {
        out[o + k]! += v0 * b[b0 + k]! + v1 * b[b1 + k]! + v2 * b[b2 + k]! + v3 * b[b3 + k]!;
      }
    }
    for (; p < end; p++) {
      const v0 = values[p]!;
      const b0 = indices[p]! * width;
      for (let k = 0; k < width; k++) out[o + k]! += v0 * b[b0 + k]!;
    }
  }
}

function multiplyVector(
  { indptr, indices, values }: CsrMatrix,
  b: Float64Array,
  out: Float64Array,
  from: number,
  to: number,
): void {
  for (let row = from; row < to; row++) {
    const end = indptr[row + 1]!;
    let p = indptr[row]!;
    let [s0, s1, s2, s3] = [0, 0, 0, 0];
    for (; p + 3 < end; p += 4) {
      s0 += values[p]! * b[indices[p]!]!;
      s1 += values[p + 1]! * b[indices[p + 1]!]!;
      s2 += values[p + 2]! * b[indices[p + 2]!]!;
      s3 += values[p + 3]! * b[indices[p + 3]!]!;
    }
    for (; p < end; p++) s0 += values[p]! * b[indices[p]!]!;
    out[row - from] = s0 + s1 + (s2 + s3);
  }
}

/** out += Aᵀ·R for a sparse A (r × c) and a dense row-major R (r × width). */
export function addTransposed(
  { rows, indptr, indices, values }: CsrMatrix,
  r: Float64Array,
  width: number,
  out: Float64Array,
): void {
  for (let row = 0, at = 0; row < rows; row++, at += width) {
    for (let p = indptr[row]!; p < indptr[row + 1]!; p++) {
      const value = values[p]!;
      const to = indices[p]! * width;
      for (let k = 0; k < width; k++) out[to + k]! += value * r[at + k]!;
    }
  }
}

/** B += row of A, transposed, · scales. */
export function addRow(
  { indptr, indices, values }: CsrMatrix,
  row: number,
  scales: Float64Array,
  width: number,
  b: Float64Array,
): void {
  for (let p = indptr[row]!; p < indptr[row + 1]!; p++) {
    const value = values[p]!;
    const at = indices[p]! * width;
    for (let k = 0; k < width; k++) b[at + k]! += value * scales[k]!;
  }
}
