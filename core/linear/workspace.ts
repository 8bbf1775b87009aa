import type { CsrMatrix } from '../../contracts/matrix.js';
import { addRow, multiply, multiplyRows } from './multiply.js';
import { type GroupedVectors, kernelVectors, plainVectors, scratchLength } from './grouped.js';
import { kernelsIn, type Kernels } from './simd.js';

/** Memory of one fit: what it places here, {@link Workspace.multiply} works on. */
export interface Workspace {
  /** A vector of unspecified content. */
  vector(length: number): Float64Array;
  place(matrix: CsrMatrix): CsrMatrix;
  /** The squares of a placed matrix's values; the rest is shared. */
  squareOf(placed: CsrMatrix): CsrMatrix;
  /** out = A·B; all three live here. */
  multiply(a: CsrMatrix, b: Float64Array, width: number, out: Float64Array): void;
  /** out = row of A · B, (width,). */
  multiplyRow(a: CsrMatrix, row: number, b: Float64Array, width: number, out: Float64Array): void;
  /** B += row of A, transposed, · scales, (width,). */
  addRow(a: CsrMatrix, row: number, scales: Float64Array, width: number, b: Float64Array): void;
  /** For vectors of this workspace. */
  readonly vectors: GroupedVectors;
  /** Gives the memory back for the next fit. */
  release(): void;
}

const PAGE = 65_536;
const MOST_PAGES = 60_000; // of the 65,536 that a 32-bit address reaches
const idle: { memory: WebAssembly.Memory; kernels: Kernels }[] = [];

/** Bytes that a matrix takes in a workspace, rounding included. */
export const placedBytes = ({ rows, values }: Pick<CsrMatrix, 'rows' | 'values'>): number =>
  4 * (rows + 1) + 8 * values.length + 32;

/**
 * A workspace of so many bytes, in memory of an earlier fit where there is some.
 *
 * @param mostGroups of its {@link Workspace.vectors}
 */
export function newWorkspace(bytes: number, mostGroups: number): Workspace {
  const pages = Math.ceil((bytes + 8 * scratchLength(mostGroups)) / PAGE) + 1;
  if (pages > MOST_PAGES) return plainWorkspace;
  const { memory, kernels } = idle.pop() ?? newMemory();
  const missing = pages - memory.buffer.byteLength / PAGE;
  if (missing > 0) memory.grow(missing);
  let next = 0;
  const claim = (size: number): number => {
    const at = next;
    next = Math.ceil((at + size) / 16) * 16;
    return at;
  };
  const vector = (length: number): Float64Array => new Float64Array(memory.buffer, claim(8 * length), length);
  return {
    vector,
    vectors: kernelVectors(kernels.columns, vector(scratchLength(mostGroups))),
    place(matrix) {
      const { indptr, indices, values } = matrix;
      const placed = {
        ...matrix,
        indptr: new Int32Array(memory.buffer, claim(4 * indptr.length), indptr.length),
        indices: new Int32Array(memory.buffer, claim(4 * indices.length), indices.length),
        values: new Float32Array(memory.buffer, claim(4 * values.length), values.length),
      };
      placed.indptr.set(indptr);
      placed.indices.set(indices);
      placed.values.set(values);
      return placed;
    },
    squareOf(placed) {
      const values = new Float32Array(memory.buffer, claim(4 * placed.values.length), placed.values.length);
      for (let p = 0; p < values.length; p++) values[p] = placed.values[p]! ** 2;
      return { ...placed, values };
    },
    multiply(a, b, width, out) {
      const { rows, indptr, indices, values } = a;
      kernels.multiply(
        rows,
        indptr.byteOffset,
        indices.byteOffset,
        values.byteOffset,
        b.byteOffset,
        width,
        out.byteOffset,
      );
    },
    multiplyRow({ indptr, indices, values }, row, b, width, out) {
      const [at, from] = [indptr.byteOffset + 4 * row, indices.byteOffset];
      kernels.multiply(1, at, from, values.byteOffset, b.byteOffset, width, out.byteOffset);
    },
    addRow({ indptr, indices, values }, row, scales, width, b) {
      const [at, from] = [indptr.byteOffset + 4 * row, indices.byteOffset];
      kernels.addRow(1, at, from, values.byteOffset, b.byteOffset, width, scales.byteOffset);
    },
    release: () => void idle.push({ memory, kernels }),
  };
}

function newMemory() {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: MOST_PAGES });
  return { memory, kernels: kernelsIn(memory) };
}

/** For what no 32-bit address reaches: slower, the same otherwise. */
const plainWorkspace: Workspace = {
  vector: (length) => new Float64Array(length),
  place: (matrix) => matrix,
  squareOf: (placed) => ({ ...placed, values: placed.values.map((value) => value * value) }),
  multiply,
  multiplyRow: (a, row, b, width, out) => multiplyRows(a, b, width, out, row, row + 1),
  addRow,
  vectors: plainVectors,
  release: () => undefined,
};
