import type { BlockMatrix, CsrMatrix } from '../../contracts/matrix.js';
import { selectRows } from '../../core/sparse.js';

/** Fake BlockMatrix: a matrix that is in memory, some rows at a time. */
export function blocksOfRows(matrix: CsrMatrix, rowsPerBlock: number): BlockMatrix {
  const starts = Array.from(
    { length: Math.ceil(matrix.rows / rowsPerBlock) },
    (_, block) => block * rowsPerBlock,
  );
  const blockRows = starts.map((start) => Math.min(rowsPerBlock, matrix.rows - start));
  return {
    rows: matrix.rows,
    cols: matrix.cols,
    entries: matrix.values.length,
    blockRows,
    read: (block) =>
      selectRows(
        matrix,
        Int32Array.from({ length: blockRows[block]! }, (_, i) => starts[block]! + i),
      ),
  };
}
