/** Sparse matrix, compressed by row. Column indices ascend within a row. */
export interface CsrMatrix {
  readonly rows: number;
  readonly cols: number;
  readonly indptr: Int32Array; // (rows + 1,)
  readonly indices: Int32Array; // (nnz,)
  readonly values: Float32Array; // (nnz,)
}

/** A sparse matrix that comes some rows at a time: it need not fit in memory. */
export interface BlockMatrix {
  readonly rows: number;
  readonly cols: number;
  readonly entries: number; // of all blocks; about, where some of the rows were chosen
  readonly blockRows: readonly number[]; // of each block, in order
  /** Reads a block. It is good until the next one is read: copy what is to stay. */
  read(block: number): CsrMatrix;
}

/** Some consecutive rows of a sparse matrix whose width is told elsewhere. */
export type SparseRows = Omit<CsrMatrix, 'cols'>;

/** Dense matrix, row-major: values.length = rows × cols. */
export interface DenseMatrix {
  readonly rows: number;
  readonly cols: number;
  readonly values: Float64Array;
}

/** A named array: what a model's parameters, a checkpoint or an optimizer state are made of. */
export interface Tensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float64Array | Float32Array | Int32Array;
}
