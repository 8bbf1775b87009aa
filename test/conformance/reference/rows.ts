/** Rows where the mask is set, ascending. */
export const rowsOf = (mask: Uint8Array): number[] => [...mask.keys()].filter((row) => mask[row] === 1);

/** A row-major matrix as rows. */
export const toRows = (values: Float64Array, columns: number): number[][] =>
  Array.from({ length: columns === 0 ? 0 : values.length / columns }, (_, row) => [
    ...values.subarray(row * columns, (row + 1) * columns),
  ]);
