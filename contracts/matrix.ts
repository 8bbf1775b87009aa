/** Sparse matrix, compressed by row. Column indices ascend within a row. */
export interface CsrMatrix {
  readonly rows: number;
  readonly cols: number;
  readonly indptr: Int32Array; // (rows + 1,)
  readonly indices: Int32Array; // (nnz,)
  readonly values: Float32Array; // (nnz,)
}

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
