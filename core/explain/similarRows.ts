import type { CsrMatrix } from '../../contracts/matrix.js';
import type { ModelInput, SequenceBatch } from '../../contracts/model.js';
import { argsort } from '../argsort.js';

/** A row that is like another one. */
export interface SimilarRow {
  readonly row: number;
  readonly cosine: number; // of the features, in [−1, 1]
}

/**
 * The rows nearest to one row by the cosine of their features (of sequences: of the counts of their tokens), nearest
 * first; of equals the earlier one. Rows without a shared feature are left out.
 *
 * @param candidates rows to choose from; the row itself is left out
 */
export function similarRows(
  input: ModelInput,
  row: number,
  candidates: Int32Array,
  limit: number,
): SimilarRow[] {
  const cosineWith = cosines(rowReader(input), row);
  const others = candidates.filter((candidate) => candidate !== row);
  const found = Float64Array.from(others, cosineWith);
  return [...argsort(found.map((cosine) => -cosine))]
    .filter((at) => found[at] !== 0)
    .slice(0, limit)
    .map((at) => ({ row: others[at]!, cosine: found[at]! }));
}

/** Calls `visit` with every feature of a row. */
type RowReader = (row: number, visit: (column: number, value: number) => void) => void;

function cosines(read: RowReader, row: number): (other: number) => number {
  const own = new Map<number, number>();
  read(row, (column, value) => own.set(column, (own.get(column) ?? 0) + value));
  const norm = Math.sqrt([...own.values()].reduce((sum, value) => sum + value * value, 0));
  return (other) => {
    const counts = new Map<number, number>();
    read(other, (column, value) => counts.set(column, (counts.get(column) ?? 0) + value));
    let dot = 0;
    let squares = 0;
    for (const [column, value] of counts) {
      dot += value * (own.get(column) ?? 0);
      squares += value * value;
    }
    return dot === 0 ? 0 : dot / (norm * Math.sqrt(squares));
  };
}

function rowReader(input: ModelInput): RowReader {
  switch (input.kind) {
    case 'sparse':
      return sparseReader(input.matrix);
    case 'blocks':
      throw new RangeError('rows that are compared are in memory');
    case 'dense':
      return (row, visit) => {
        const { cols, values } = input.matrix;
        for (let c = 0; c < cols; c++) visit(c, values[row * cols + c]!);
      };
    case 'sequence':
      return tokenReader(input.batch);
    case 'pair': {
      const [first, second] = [tokenReader(input.first), tokenReader(input.second)];
      return (row, visit) => {
        first(row, visit);
        second(row, visit);
      };
    }
  }
}

const sparseReader =
  ({ indptr, indices, values }: CsrMatrix): RowReader =>
  (row, visit) => {
    for (let p = indptr[row]!; p < indptr[row + 1]!; p++) visit(indices[p]!, values[p]!);
  };

const tokenReader =
  ({ length, tokens }: SequenceBatch): RowReader =>
  (row, visit) => {
    for (const token of tokens.subarray(row * length, (row + 1) * length)) if (token !== 0) visit(token, 1);
  };
