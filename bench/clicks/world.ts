import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import type { DenseMatrix } from '../../contracts/matrix.js';
import type { CsrMatrix } from '../../contracts/matrix.js';
import { fitTfidf, tfidfTransformer } from '../../core/text/tfidf.js';
import { dataFolder } from '../data.js';

/** Query-product pairs with true grades, described by how well product and query fit. */
export interface PairWorld {
  readonly queries: Int32Array; // (m,)
  readonly grades: Int32Array; // (m,), Irrelevant 0, Partial 1, Exact 2
  readonly split: readonly string[]; // (m,), train | val | test
  readonly features: DenseMatrix; // (m, d)
}

const GRADES = ['Irrelevant', 'Partial', 'Exact'];

/** `pricerunner_relevance_derived` from ASSAY_DATA_DIR. */
export function readPairs(): PairWorld {
  const file = join(dataFolder(), 'pricerunner_relevance_derived', 'pairs.csv.gz');
  const rows = (parse(gunzipSync(readFileSync(file)).toString(), { bom: true }) as string[][]).slice(1);
  const queries = Int32Array.from(rows, (row) => Number(row[0]));
  return {
    queries,
    grades: Int32Array.from(rows, (row) => GRADES.indexOf(row[5]!)),
    split: rows.map((row) => row[6]!),
    features: describe(
      rows.map((row) => row[1]!),
      rows.map((row) => row[3]!),
      queries,
    ),
  };
}

/** Similarities of query and title, each also as its distance to the best of the query. */
function describe(queries: readonly string[], titles: readonly string[], groups: Int32Array): DenseMatrix {
  const shared = queries.map((query, i) => {
    const words = tokens(query);
    const others = new Set(tokens(titles[i]!));
    const numbers = words.filter((word) => /\d/.test(word));
    const among = (some: readonly string[]): number =>
      some.length === 0 ? 1 : some.filter((word) => others.has(word)).length / some.length;
    return [among(words), among(numbers)];
  });
  const columns = [
    cosines(queries, titles, 'words', [1, 2]),
    cosines(queries, titles, 'characters', [3, 4]),
    Float64Array.from(shared, ([words]) => words!),
    Float64Array.from(shared, ([, numbers]) => numbers!),
  ];
  const all = columns.flatMap((column) => [column, belowBest(column, groups)]);
  const values = new Float64Array(queries.length * all.length);
  all.forEach((column, c) => column.forEach((value, row) => (values[row * all.length + c] = value)));
  return { rows: queries.length, cols: all.length, values };
}

const tokens = (text: string): string[] => text.toLowerCase().match(/[\p{L}\p{N}_]+/gu) ?? [];

function cosines(
  queries: readonly string[],
  titles: readonly string[],
  analyzer: 'words' | 'characters',
  ngrams: readonly [number, number],
): Float64Array {
  const { vocabulary, matrix } = fitTfidf(titles, { analyzer, ngrams, minDocumentFrequency: 1 });
  const asked = tfidfTransformer(vocabulary)(queries);
  return Float64Array.from(queries, (_, row) => dot(asked, matrix, row));
}

function dot(a: CsrMatrix, b: CsrMatrix, row: number): number {
  const other = new Map<number, number>();
  for (let at = b.indptr[row]!; at < b.indptr[row + 1]!; at++) other.set(b.indices[at]!, b.values[at]!);
  let sum = 0;
  for (let at = a.indptr[row]!; at < a.indptr[row + 1]!; at++) {
    sum += a.values[at]! * (other.get(a.indices[at]!) ?? 0);
  }
  return sum;
}

function belowBest(column: Float64Array, groups: Int32Array): Float64Array {
  const best = new Map<number, number>();
  column.forEach((value, row) =>
    best.set(groups[row]!, Math.max(value, best.get(groups[row]!) ?? -Infinity)),
  );
  return column.map((value, row) => value - best.get(groups[row]!)!);
}
