import type { CsrMatrix } from '../../contracts/matrix.js';
import type { Random } from '../random.js';
import { selectRows } from '../sparse.js';

/** The k nearest rows of every row, nearest first. */
export interface Neighbours {
  readonly k: number;
  readonly rows: Int32Array; // (n, k), −1 where no further row shares a feature
  readonly distances: Float64Array; // (n, k), cosine distance in [0, 2]; 1 where there is none
}

/** Multiplications that a search may take; beyond, neighbours are looked for among a random sample of the rows. */
const MOST_PRODUCTS = 1e9;
const FEWEST_REFERENCES = 500;

/**
 * Nearest rows by cosine distance, exact over an inverted index: a row is compared with those that share a feature.
 * Rows that share none have distance 1 and are not listed.
 *
 * @param k neighbours wanted, the row itself not counted
 * @param random chooses the sample where comparing all rows would take too long (some 20,000 texts, 6,000 dense rows)
 */
export function nearestNeighbours(matrix: CsrMatrix, k: number, random: Random): Neighbours {
  const unit = normalised(matrix);
  const references = referenceRows(matrix, random);
  const index = byColumn(selectRows(unit, references));
  const rows = new Int32Array(matrix.rows * k).fill(-1);
  const distances = new Float64Array(matrix.rows * k).fill(1);
  const products = createProducts(references.length);
  for (let row = 0; row < matrix.rows; row++) {
    multiply(unit, row, index, products);
    for (const at of products.touched.subarray(0, products.count)) {
      if (references[at] !== row) keep(rows, distances, row * k, k, references[at]!, 1 - products.dots[at]!);
    }
  }
  return { k, rows, distances };
}

/** All rows, or as many at random as can be compared in time. */
function referenceRows({ rows, cols, indices }: CsrMatrix, random: Random): Int32Array {
  const all = Int32Array.from({ length: rows }, (_, row) => row);
  const counts = new Float64Array(cols);
  for (const column of indices) counts[column]! += 1;
  const products = counts.reduce((sum, count) => sum + count * count, 0);
  const wanted = Math.max(FEWEST_REFERENCES, Math.floor((rows * MOST_PRODUCTS) / products));
  return rows <= wanted || products <= MOST_PRODUCTS ? all : random.shuffle(all).slice(0, wanted).sort();
}

/** Dot products of one row with the references. */
const createProducts = (references: number) => ({
  dots: new Float64Array(references),
  lastRow: new Int32Array(references).fill(-1), // that wrote into dots
  touched: new Int32Array(references), // references that share a column, `count` of them
  count: 0,
});

function multiply(
  { indptr, indices, values }: CsrMatrix,
  row: number,
  index: CsrMatrix,
  products: ReturnType<typeof createProducts>,
): void {
  const { dots, lastRow, touched } = products;
  products.count = 0;
  for (let p = indptr[row]!; p < indptr[row + 1]!; p++) {
    const column = indices[p]!;
    const value = values[p]!;
    for (let q = index.indptr[column]!; q < index.indptr[column + 1]!; q++) {
      const at = index.indices[q]!;
      if (lastRow[at] !== row) {
        lastRow[at] = row;
        touched[products.count++] = at;
        dots[at] = 0;
      }
      dots[at]! += value * index.values[q]!;
    }
  }
}

/** Puts a neighbour in its place among the k nearest so far; of equal distances the earlier row stays before. */
function keep(
  rows: Int32Array,
  distances: Float64Array,
  start: number,
  k: number,
  row: number,
  distance: number,
): void {
  const isNearer = (slot: number): boolean =>
    rows[slot] === -1 || distance < distances[slot]! || (distance === distances[slot] && row < rows[slot]!);
  let slot = start + k - 1;
  if (!isNearer(slot)) return;
  for (; slot > start && isNearer(slot - 1); slot--) {
    rows[slot] = rows[slot - 1]!;
    distances[slot] = distances[slot - 1]!;
  }
  rows[slot] = row;
  distances[slot] = distance;
}

function normalised(matrix: CsrMatrix): CsrMatrix {
  const values = Float32Array.from(matrix.values);
  for (let row = 0; row < matrix.rows; row++) {
    const [from, to] = [matrix.indptr[row]!, matrix.indptr[row + 1]!];
    let squares = 0;
    for (let p = from; p < to; p++) squares += values[p]! * values[p]!;
    const norm = Math.sqrt(squares);
    if (norm > 0) for (let p = from; p < to; p++) values[p]! /= norm;
  }
  return { ...matrix, values };
}

/** The same matrix by column: `rows` and `cols` change places. */
function byColumn({ rows, cols, indptr, indices, values }: CsrMatrix): CsrMatrix {
  const starts = new Int32Array(cols + 1);
  for (const column of indices) starts[column + 1]! += 1;
  for (let column = 0; column < cols; column++) starts[column + 1]! += starts[column]!;
  const next = starts.slice();
  const turned = { indices: new Int32Array(indices.length), values: new Float32Array(values.length) };
  for (let row = 0; row < rows; row++) {
    for (let p = indptr[row]!; p < indptr[row + 1]!; p++) {
      const at = next[indices[p]!]!++;
      turned.indices[at] = row;
      turned.values[at] = values[p]!;
    }
  }
  return { rows: cols, cols: rows, indptr: starts, ...turned };
}
