import type { CsrMatrix } from '../../contracts/matrix.js';
import { IntList, NgramTrie } from './ngrams.js';
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

/** N-gram counts of texts, by trie node, in order of first sight. */
interface Counts {
  readonly indptr: IntList; // (rows + 1,)
  readonly nodes: IntList; // (nnz,)
  readonly counts: IntList; // (nnz,)
}

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
  const trie = newTrie(settings.analyzer);
  const counts = countNgrams(texts, settings, trie, true);
  const rows = counts.indptr.length - 1;
  const documentFrequency = new Int32Array(trie.size);
  const termFrequency = new Float64Array(trie.size);
  for (let p = 0; p < counts.nodes.length; p++) {
    const node = counts.nodes.values[p]!;
    documentFrequency[node]!++;
    termFrequency[node]! += counts.counts.values[p]!;
  }
  const terms = chooseTerms(trie, documentFrequency, termFrequency, settings);
  const vocabulary = vocabularyOf(terms, documentFrequency, rows, settings);
  const columnOf = new Int32Array(trie.size).fill(-1);
  terms.forEach(({ node }, column) => (columnOf[node] = column));
  return { vocabulary, matrix: weigh(counts, columnOf, vocabulary.idf) };
}

/**
 * Learns what {@link fitTfidf} learns from texts that come in parts, and keeps none of them: memory grows with the distinct
 * n-grams only, some 40 bytes each. Weigh the texts in a second pass, by {@link tfidfTransformer}.
 */
export class TfidfLearner {
  readonly #trie: NgramTrie;
  readonly #documentFrequency = new IntList(1 << 14); // by node
  readonly #termFrequency = new IntList(1 << 14); // by node
  readonly #last = new IntList(1 << 14); // node -> number of the last text that had it, from 1
  #rows = 0;

  constructor(private readonly settings: TfidfSettings) {
    this.#trie = newTrie(settings.analyzer);
  }

  add(texts: Iterable<string>): void {
    const [documents, terms, last] = [this.#documentFrequency, this.#termFrequency, this.#last];
    const visit = (node: number): void => {
      if (node >= last.values.length) for (const list of [documents, terms, last]) list.reserve(node + 1);
      terms.values[node]!++;
      if (last.values[node] === this.#rows) return;
      last.values[node] = this.#rows;
      documents.values[node]!++;
    };
    walkTexts(texts, this.settings, this.#trie, true, { begin: () => this.#rows++, visit });
  }

  vocabulary(): TfidfVocabulary {
    const { size } = this.#trie;
    const [documents, terms] = [this.#documentFrequency, this.#termFrequency];
    documents.reserve(size);
    terms.reserve(size);
    const chosen = chooseTerms(this.#trie, documents.values, terms.values, this.settings);
    return vocabularyOf(chosen, documents.values, this.#rows, this.settings);
  }
}

function vocabularyOf(
  terms: readonly Term[],
  documentFrequency: Int32Array,
  rows: number,
  { analyzer, ngrams }: TfidfSettings,
): TfidfVocabulary {
  const idf = Float64Array.from(
    terms,
    ({ node }) => Math.log((1 + rows) / (1 + documentFrequency[node]!)) + 1,
  );
  return { analyzer, ngrams, terms: terms.map(({ term }) => term), idf };
}

/** Weighs texts by a learned vocabulary; terms that it lacks are left out. Keep the function for many batches. */
export function tfidfTransformer(vocabulary: TfidfVocabulary): (texts: Iterable<string>) => CsrMatrix {
  const { terms, idf } = vocabulary;
  const trie = newTrie(vocabulary.analyzer);
  const scan = scanner(vocabulary.analyzer);
  const bounds = new Bounds();
  const nodes = terms.map((term) => {
    scan(term, bounds);
    return trie.insert(term, bounds);
  });
  const columnOf = new Int32Array(trie.size).fill(-1);
  nodes.forEach((node, column) => (columnOf[node] = column));
  const places = new IntList(trie.size);
  return (texts) => weigh(countNgrams(texts, vocabulary, trie, false, places), columnOf, idf);
}

const newTrie = (analyzer: Analyzer): NgramTrie => new NgramTrie(analyzer === 'words' ? ' ' : '');
const scanner = (analyzer: Analyzer): typeof scanWords => (analyzer === 'words' ? scanWords : scanCharacters);

/** @param slot node -> 1 + its place in `nodes`, of the last text that had it; all 0, before and after */
function countNgrams(
  texts: Iterable<string>,
  settings: Pick<TfidfSettings, 'analyzer' | 'ngrams'>,
  trie: NgramTrie,
  add: boolean,
  slot = new IntList(1 << 14),
): Counts {
  const [indptr, nodes, counts] = [new IntList(16), new IntList(), new IntList()];
  let rowStart = 0;
  const visit = (node: number): void => {
    if (node >= slot.values.length) slot.reserve(node + 1);
    const at = slot.values[node]! - 1;
    if (at >= rowStart) {
      counts.values[at]!++;
    } else {
      nodes.push(node);
      counts.push(1);
      slot.values[node] = nodes.length;
    }
  };
  const begin = (): void => {
    rowStart = nodes.length;
    indptr.push(rowStart);
  };
  try {
    walkTexts(texts, settings, trie, add, { begin, visit });
  } finally {
    for (let i = 0; i < nodes.length; i++) slot.values[nodes.values[i]!] = 0;
  }
  indptr.push(nodes.length);
  return { indptr, nodes, counts };
}

/** Tells of each text that it begins, then of each of its n-grams. */
function walkTexts(
  texts: Iterable<string>,
  { analyzer, ngrams }: Pick<TfidfSettings, 'analyzer' | 'ngrams'>,
  trie: NgramTrie,
  add: boolean,
  { begin, visit }: { readonly begin: () => void; readonly visit: (node: number) => void },
): void {
  const scan = scanner(analyzer);
  const bounds = new Bounds();
  for (const text of texts) {
    const lowered = text.toLowerCase();
    const cleaned = analyzer === 'words' ? lowered : collapseWhitespace(lowered);
    begin();
    scan(cleaned, bounds);
    trie.walk(cleaned, bounds, ngrams, add, visit);
  }
}

interface Term {
  readonly node: number;
  readonly term: string;
}

/** The vocabulary's terms, ascending by code point. Frequencies are by node. */
function chooseTerms(
  trie: NgramTrie,
  documentFrequency: Int32Array,
  termFrequency: Int32Array | Float64Array,
  settings: TfidfSettings,
): readonly Term[] {
  let nodes: Term[] = [];
  const least = Math.max(1, settings.minDocumentFrequency);
  for (let node = 0; node < trie.size; node++) {
    if (documentFrequency[node]! >= least) nodes.push({ node, term: trie.text(node) });
  }
  nodes.sort(termOrder(nodes));
  if (settings.maxFeatures !== undefined && nodes.length > settings.maxFeatures) {
    const frequent = nodes.toSorted((a, b) => termFrequency[b.node]! - termFrequency[a.node]!);
    const kept = new Set(frequent.slice(0, settings.maxFeatures));
    nodes = nodes.filter((term) => kept.has(term));
  }
  return nodes;
}

const SURROGATE = /[\ud800-\udfff]/;

/** Ascending by code point. JavaScript compares UTF-16 units, which differs only where there are surrogates. */
function termOrder(terms: readonly Term[]): (a: Term, b: Term) => number {
  if (!terms.some(({ term }) => SURROGATE.test(term))) {
    return (a, b) => (a.term < b.term ? -1 : a.term > b.term ? 1 : 0);
  }
  return (a, b) => compareCodePoints(a.term, b.term);
}

function compareCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    if (a.charCodeAt(i) === b.charCodeAt(i)) continue;
    return a.codePointAt(i)! - b.codePointAt(i)!;
  }
  return a.length - b.length;
}

/** Keys of one row while it is sorted: column · 2²¹ + count, exact in a double. */
const COUNT_RANGE = 2 ** 21;
const SHORT_ROW = 24;

function weigh(
  { indptr: starts, nodes, counts }: Counts,
  columnOf: Int32Array,
  idf: Float64Array,
): CsrMatrix {
  const rows = starts.length - 1;
  const indptr = new Int32Array(rows + 1);
  const indices = new Int32Array(nodes.length);
  const values = new Float32Array(nodes.length);
  let keys = new Float64Array(1024);
  let at = 0;
  for (let row = 0; row < rows; row++) {
    const [from, to] = [starts.values[row]!, starts.values[row + 1]!];
    if (to - from > keys.length) keys = new Float64Array(2 * (to - from));
    let length = 0;
    for (let p = from; p < to; p++) {
      const column = columnOf[nodes.values[p]!]!;
      if (column < 0) continue;
      keys[length++] = column * COUNT_RANGE + Math.min(counts.values[p]!, COUNT_RANGE - 1);
    }
    sortPrefix(keys, length);
    at = writeRow(keys, length, idf, indices, values, at);
    indptr[row + 1] = at;
  }
  return { rows, cols: idf.length, indptr, indices: indices.slice(0, at), values: values.slice(0, at) };
}

function sortPrefix(keys: Float64Array, length: number): void {
  if (length > SHORT_ROW) {
    keys.subarray(0, length).sort();
    return;
  }
  for (let i = 1; i < length; i++) {
    const key = keys[i]!;
    let j = i - 1;
    for (; j >= 0 && keys[j]! > key; j--) keys[j + 1] = keys[j]!;
    keys[j + 1] = key;
  }
}

/** Writes one row from its sorted keys, which it overwrites with the weights; returns where the next row starts. */
function writeRow(
  keys: Float64Array,
  length: number,
  idf: Float64Array,
  indices: Int32Array,
  values: Float32Array,
  at: number,
): number {
  let squares = 0;
  for (let i = 0; i < length; i++) {
    const column = Math.floor(keys[i]! / COUNT_RANGE);
    const count = keys[i]! - column * COUNT_RANGE;
    const weight = (count === 1 ? 1 : 1 + Math.log(count)) * idf[column]!;
    indices[at + i] = column;
    keys[i] = weight;
    squares += weight * weight;
  }
  const scale = squares > 0 ? 1 / Math.sqrt(squares) : 0;
  for (let i = 0; i < length; i++) values[at + i] = keys[i]! * scale;
  return at + length;
}
