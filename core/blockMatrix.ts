import type { BlockMatrix, CsrMatrix } from '../contracts/matrix.js';
import { selectRows, vstack } from './sparse.js';

/**
 * The given rows of a matrix of blocks, as blocks.
 *
 * @param rows ascending
 * @throws RangeError if they don't ascend, or one is outside the matrix
 */
export function selectBlockRows(matrix: BlockMatrix, rows: Int32Array): BlockMatrix {
  const pieces: { readonly block: number; readonly rows: Int32Array }[] = [];
  let first = 0; // row of the matrix that the block begins at
  let at = 0;
  for (const [block, length] of matrix.blockRows.entries()) {
    const from = at;
    while (at < rows.length && rows[at]! < first + length) {
      if (rows[at]! < first || (at > from && rows[at]! <= rows[at - 1]!)) throw notAscending(rows, at);
      at++;
    }
    if (at > from) pieces.push({ block, rows: rows.subarray(from, at).map((row) => row - first) });
    first += length;
  }
  if (at < rows.length) throw new RangeError(`row ${rows[at]} of a matrix of ${matrix.rows} rows`);
  return {
    rows: rows.length,
    cols: matrix.cols,
    entries: Math.ceil((matrix.entries * rows.length) / Math.max(1, matrix.rows)), // about
    blockRows: pieces.map((piece) => piece.rows.length),
    read(index) {
      const piece = pieces[index]!;
      const block = matrix.read(piece.block);
      return piece.rows.length === block.rows ? block : selectRows(block, piece.rows);
    },
  };
}

const notAscending = (rows: Int32Array, at: number): RangeError =>
  new RangeError(`rows of blocks must ascend: ${rows[at]} after ${rows[at - 1] ?? 'none'}`);

/** Every block, with the row that it begins at. */
export function* blocksOf(
  matrix: BlockMatrix,
): Generator<{ readonly first: number; readonly block: CsrMatrix }> {
  let first = 0;
  for (const [index, rows] of matrix.blockRows.entries()) {
    yield { first, block: matrix.read(index) };
    first += rows;
  }
}

/** All rows as one matrix: for a few. */
export function gatherBlocks(matrix: BlockMatrix): CsrMatrix {
  const blocks = Array.from(blocksOf(matrix), ({ block }) => copied(block));
  return blocks.length > 0
    ? vstack(blocks)
    : {
        rows: 0,
        cols: matrix.cols,
        indptr: new Int32Array(1),
        indices: new Int32Array(0),
        values: new Float32Array(0),
      };
}

const copied = ({ indptr, indices, values, ...size }: CsrMatrix): CsrMatrix => ({
  ...size,
  indptr: indptr.slice(),
  indices: indices.slice(),
  values: values.slice(),
});
