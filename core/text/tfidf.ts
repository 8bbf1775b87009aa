import type { CsrMatrix } from '../../contracts/matrix.js';
import { IntList } from './intList.js';
import { COUNTED, NgramTrie, type TrieColumns } from './ngrams.js';
import { ranks } from './termOrder.js';
import { Bounds, collapseWhitespace, scanCharacters, scanWords } from './tokenize.js';

export type Analyzer = 'words' | 'characters';

export interface TfidfSettings {
  readonly analyzer: Analyzer;
  readonly ngrams: readonly [number, number]; // lowest and highest n
  readonly minDocumentFrequency: number; // texts
  readonly maxFeatures?: number | undefined; // the most frequent ones; ties: first in order of terms
}

/** What fitting learns. Column j of a transformed matrix is terms[j]. */
export interface TfidfVocabulary {
  readonly analyzer: Analyzer;
  readonly ngrams: readonly [number, number];
  readonly terms: readonly string[]; // (d,), ascending by code point
  readonly idf: Float64Array; // (d,)
}

/** The n-grams of texts, each as often as it is there. */
interface Occurrences {
  readonly indptr: IntList; // (rows + 1,)
  readonly nodes: IntList;
}

// What stands in an n-gram's record while it is learned,
const TERMS = COUNTED; // how often it is there
const DOCUMENTS = COUNTED + 1; // in how many texts
const LAST = COUNTED + 2; // number of the last text that had it, from 1
const LEARNED = 3;
// and when it is known.
const COLUMN = COUNTED; // from 1; 0: no term

/**
 * Learns the terms of texts and their inverse document frequencies, and weighs the same texts with them:
 * (1 + ln tf) · (ln((1 + n) / (1 + df)) + 1), rows brought to Euclidean length 1.
 *
 * @source scikit-learn TfidfVectorizer(sublinear_tf=True), whose values these are, to single precision
 */
export function fitTfidf(
  texts: Iterable<string>,
  settings: TfidfSettings,
): { vocabulary: TfidfVocabulary; matrix: CsrMatrix } {
  const trie = newTrie(settings.analyzer, LEARNED);
  const [indptr, nodes] = [new IntList(), new IntList(1 << 16)];
  walkTexts(texts, settings, trie, true, (found) => {
    indptr.push(nodes.length);
    count(trie, found, indptr.length);
    append(nodes, found);
  });
  const rows = indptr.length;
  indptr.push(nodes.length);
  const { chosen, vocabulary } = chooseTerms(trie, rows, settings);
  const columnOf = new Int32Array(trie.size).fill(-1);
  chosen.forEach((node, column) => (columnOf[node] = column));
  return { vocabulary, matrix: weigh({ indptr, nodes }, (node) => columnOf[node]!, vocabulary.idf) };
}

/** What a part of the texts taught, to be put together with that of others: see {@link TfidfLearner.absorb}. */
export interface TfidfCounts {
  readonly rows: number;
  readonly trie: TrieColumns;
}

/**
 * Learns what {@link fitTfidf} learns from texts that come in parts, and keeps none of them: memory grows with the distinct
 * n-grams only, some 40 bytes each. Weigh the texts in a second pass, by {@link tfidfTransformer}.
 */
export class TfidfLearner {
  readonly #trie: NgramTrie;
  #rows = 0;

  constructor(private readonly settings: TfidfSettings) {
    this.#trie = newTrie(settings.analyzer, LEARNED);
  }

  add(texts: Iterable<string>): void {
    walkTexts(texts, this.settings, this.#trie, true, (found) => count(this.#trie, found, ++this.#rows));
  }

  /** What was learned so far. The learner is not to be used any more. */
  counts(): TfidfCounts {
    return { rows: this.#rows, trie: this.#trie.columns() };
  }

  /**
   * As if the texts of another learner of the same settings had come to this one: in whatever order they are put together.
   *
   * @param isLast whether nothing else comes: then n-grams that are new, and too rare to become terms, are left out
   */
  absorb({ rows, trie }: TfidfCounts, isLast = false): void {
    const least = isLast ? this.settings.minDocumentFrequency : 0;
    const add = (ours: number, theirs: number): void => {
      const { records } = this.#trie;
      records[ours + TERMS]! += trie.records[theirs + TERMS]!;
      records[ours + DOCUMENTS]! += trie.records[theirs + DOCUMENTS]!;
    };
    this.#trie.absorb(trie, add, (record) => trie.records[record + DOCUMENTS]! >= least);
    this.#rows += rows;
  }

  vocabulary(): TfidfVocabulary {
    return chooseTerms(this.#trie, this.#rows, this.settings).vocabulary;
  }
}

/**
 * What {@link TfidfLearner} learns, of terms that were counted and chosen elsewhere.
 *
 * @param counts in how many texts each is, in any order
 */
export function countedVocabulary(
  counts: readonly (readonly [term: string, documents: number])[],
  rows: number,
  { analyzer, ngrams }: Pick<TfidfSettings, 'analyzer' | 'ngrams'>,
): TfidfVocabulary {
  const sorted = new Array<(typeof counts)[number]>(counts.length);
  ranks(counts.map(([term]) => term)).forEach((place, at) => (sorted[place] = counts[at]!));
  const idf = Float64Array.from(sorted, ([, documents]) => inverse(rows, documents));
  return { analyzer, ngrams, terms: sorted.map(([term]) => term), idf };
}

const inverse = (rows: number, documents: number): number => Math.log((1 + rows) / (1 + documents)) + 1;

/** Weighs texts by a learned vocabulary; terms that it lacks are left out. Keep the function for many batches. */
export function tfidfTransformer(vocabulary: TfidfVocabulary): (texts: Iterable<string>) => CsrMatrix {
  const { analyzer, terms, idf } = vocabulary;
  const trie = newTrie(analyzer, 1);
  const scan = scanner(analyzer);
  const bounds = new Bounds();
  terms.forEach((term, column) => {
    scan(term, bounds);
    const node = trie.insert(term, bounds);
    trie.records[node * trie.width + COLUMN] = column + 1;
  });
  const { records, width } = trie;
  return (texts) => {
    const [indptr, nodes] = [new IntList(16), new IntList()]; // batches may be small
    walkTexts(texts, vocabulary, trie, false, (found) => {
      indptr.push(nodes.length);
      append(nodes, found);
    });
    indptr.push(nodes.length);
    return weigh({ indptr, nodes }, (node) => records[node * width + COLUMN]! - 1, idf);
  };
}

const newTrie = (analyzer: Analyzer, counters: number): NgramTrie =>
  new NgramTrie(analyzer === 'words' ? ' ' : '', counters);
const scanner = (analyzer: Analyzer): typeof scanWords => (analyzer === 'words' ? scanWords : scanCharacters);

/** Gives the n-grams of each text. */
function walkTexts(
  texts: Iterable<string>,
  { analyzer, ngrams }: Pick<TfidfSettings, 'analyzer' | 'ngrams'>,
  trie: NgramTrie,
  add: boolean,
  take: (nodes: IntList) => void,
): void {
  const scan = scanner(analyzer);
  const bounds = new Bounds();
  for (const text of texts) {
    const lowered = text.toLowerCase();
    const cleaned = analyzer === 'words' ? lowered : collapseWhitespace(lowered);
    scan(cleaned, bounds);
    take(trie.walk(cleaned, bounds, ngrams, add));
  }
}

/** Counts the n-grams of text number `row`. */
function count({ records, width }: NgramTrie, { values, length }: IntList, row: number): void {
  for (let i = 0; i < length; i++) {
    const at = values[i]! * width;
    records[at + TERMS]!++;
    if (records[at + LAST] === row) continue;
    records[at + LAST] = row;
    records[at + DOCUMENTS]!++;
  }
}

function append(list: IntList, { values, length }: IntList): void {
  list.reserve(list.length + length);
  for (let i = 0; i < length; i++) list.values[list.length + i] = values[i]!;
  list.length += length;
}

/** The vocabulary, its terms ascending by code point, and their nodes. */
function chooseTerms(
  trie: NgramTrie,
  rows: number,
  { analyzer, ngrams, minDocumentFrequency, maxFeatures = Infinity }: TfidfSettings,
): { readonly chosen: Int32Array; readonly vocabulary: TfidfVocabulary } {
  const { records, width } = trie;
  const least = Math.max(1, minDocumentFrequency);
  let chosen = trie.ordered((at) => records[at + DOCUMENTS]! >= least);
  if (chosen.length > maxFeatures) {
    const terms = (node: number): number => records[node * width + TERMS]!;
    const frequent = chosen.toSorted((a, b) => terms(b) - terms(a));
    const kept = new Set(frequent.subarray(0, maxFeatures));
    chosen = chosen.filter((node) => kept.has(node));
  }
  const idf = Float64Array.from(chosen, (node) => inverse(rows, records[node * width + DOCUMENTS]!));
  return { chosen, vocabulary: { analyzer, ngrams, terms: trie.texts(chosen), idf } };
}

const SHORT_ROW = 24;

function weigh(
  { indptr: starts, nodes }: Occurrences,
  columnOf: (node: number) => number,
  idf: Float64Array,
): CsrMatrix {
  const rows = starts.length - 1;
  const indptr = new Int32Array(rows + 1);
  const indices = new Int32Array(nodes.length);
  const values = new Float32Array(nodes.length);
  let row = { columns: new Int32Array(64), weights: new Float64Array(64) };
  let at = 0;
  for (let i = 0; i < rows; i++) {
    const [from, to] = [starts.values[i]!, starts.values[i + 1]!];
    if (to - from > row.columns.length) {
      row = { columns: new Int32Array(2 * (to - from)), weights: new Float64Array(2 * (to - from)) };
    }
    let length = 0;
    for (let p = from; p < to; p++) {
      const column = columnOf(nodes.values[p]!);
      if (column >= 0) row.columns[length++] = column;
    }
    sortPrefix(row.columns, length);
    at = writeRow(row, length, idf, { indices, values, at });
    indptr[i + 1] = at;
  }
  return { rows, cols: idf.length, indptr, indices: indices.slice(0, at), values: values.slice(0, at) };
}

function sortPrefix(columns: Int32Array, length: number): void {
  if (length > SHORT_ROW) {
    columns.subarray(0, length).sort();
    return;
  }
  for (let i = 1; i < length; i++) {
    const column = columns[i]!;
    let j = i - 1;
    for (; j >= 0 && columns[j]! > column; j--) columns[j + 1] = columns[j]!;
    columns[j + 1] = column;
  }
}

/** Writes one row from its sorted columns, each as often as the term is there. @returns where the next row starts */
function writeRow(
  { columns, weights }: { readonly columns: Int32Array; readonly weights: Float64Array },
  length: number,
  idf: Float64Array,
  {
    indices,
    values,
    at,
  }: { readonly indices: Int32Array; readonly values: Float32Array; readonly at: number },
): number {
  let distinct = 0;
  let squares = 0;
  for (let from = 0; from < length;) {
    const column = columns[from]!;
    let to = from + 1;
    while (to < length && columns[to] === column) to++;
    const times = to - from;
    const weight = (times === 1 ? 1 : 1 + Math.log(times)) * idf[column]!;
    indices[at + distinct] = column;
    weights[distinct++] = weight;
    squares += weight * weight;
    from = to;
  }
  const scale = squares > 0 ? 1 / Math.sqrt(squares) : 0;
  for (let i = 0; i < distinct; i++) values[at + i] = weights[i]! * scale;
  return at + distinct;
}
