import type { ColumnKernels } from './columnKernels.js';
import { addScaled, addToRows, dots, squares, sumRows, turn } from './vectors.js';

/**
 * Arithmetic on the vectors of one fit by group: entry i belongs to group i mod G, where G is the length of what a call
 * gives or takes once a group. Order of additions, and so the last bits, are this object's own.
 */
export interface GroupedVectors {
  /** out[g] = Σ aᵢ·bᵢ */
  dots(a: Float64Array, b: Float64Array, out: Float64Array): void;
  /** out[g] = Σ aᵢ²·bᵢ */
  squares(a: Float64Array, b: Float64Array, out: Float64Array): void;
  /** y += scales[g]·x */
  addScaled(y: Float64Array, x: Float64Array, scales: Float64Array): void;
  /** y = a·b + scales[g]·y */
  turn(y: Float64Array, a: Float64Array, b: Float64Array, scales: Float64Array): void;
  /** y += row[g] */
  addToRows(y: Float64Array, row: Float64Array): void;
  /** out[g] = Σ yᵢ */
  sumRows(y: Float64Array, out: Float64Array): void;
}

/** In JavaScript, for vectors anywhere. */
export const plainVectors: GroupedVectors = { dots, squares, addScaled, turn, addToRows, sumRows };

/** So many entries are a row where there is one group: enough for sums that don't wait for each other. */
const ROW = 32;
/** Numbers that {@link kernelVectors} needs for itself. */
export const scratchLength = (width: number): number => Math.max(width, ROW);

/**
 * By kernels, for vectors in their memory. A single group is walked in rows of {@link ROW} entries, the rest of them in
 * JavaScript.
 *
 * @param scratch in their memory
 */
export function kernelVectors(kernels: ColumnKernels, scratch: Float64Array): GroupedVectors {
  /** @returns how many entries it did: those of whole rows */
  const walk = (kernel: keyof ColumnKernels, width: number, x: Float64Array, y = x, z = x): number => {
    const whole = x.length - (x.length % width);
    const [from, column] = [x.byteOffset, scratch.byteOffset];
    kernels[kernel](from, y.byteOffset, z.byteOffset, column, 8 * width, from + 8 * whole);
    return whole;
  };
  const widthOf = (groups: number): number => (groups === 1 ? ROW : groups);
  const sum = (kernel: keyof ColumnKernels, out: Float64Array, x: Float64Array, y = x): number => {
    const width = widthOf(out.length);
    const sums = scratch.subarray(0, width).fill(0);
    const whole = walk(kernel, width, x, y);
    if (out.length > 1) out.set(sums);
    else out[0] = sums.reduce((total, value) => total + value);
    return whole;
  };
  /** Puts one number a column into the scratch. @returns its width */
  const place = (row: Float64Array): number => {
    const width = widthOf(row.length);
    const placed = scratch.subarray(0, width);
    if (row.length > 1) placed.set(row);
    else placed.fill(row[0]!);
    return width;
  };
  return {
    dots(a, b, out) {
      for (let i = sum('dots', out, a, b); i < a.length; i++) out[0]! += a[i]! * b[i]!;
    },
    squares(a, b, out) {
      for (let i = sum('squares', out, a, b); i < a.length; i++) out[0]! += a[i]! ** 2 * b[i]!;
    },
    sumRows(y, out) {
      for (let i = sum('sumRows', out, y); i < y.length; i++) out[0]! += y[i]!;
    },
    addScaled(y, x, scales) {
      for (let i = walk('addScaled', place(scales), x, y); i < y.length; i++) y[i]! += scales[0]! * x[i]!;
    },
    turn(y, a, b, scales) {
      const whole = walk('turn', place(scales), a, b, y);
      for (let i = whole; i < y.length; i++) y[i] = a[i]! * b[i]! + scales[0]! * y[i]!;
    },
    addToRows(y, row) {
      for (let i = walk('addToRows', place(row), y); i < y.length; i++) y[i]! += row[0]!;
    },
  };
}
