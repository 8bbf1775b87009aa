import { DataError } from '../../contracts/errors.js';
import { createDisjointSets } from '../folds.js';

const GRAM = 5; // characters
const FREQUENCY_SLOTS = 1 << 20;
const HASHES = 2 ** 32;

/** Text as it counts for duplicates: compatibility forms folded, lower case, runs of white space as one space. */
export const normaliseForDuplicates = (text: string): string =>
  text.normalize('NFKC').toLowerCase().replace(/\s+/gu, ' ').trim();

/**
 * Cluster of each text: texts whose sets of character 5-grams have a Jaccard similarity of at least `threshold`,
 * directly or through others, share a number. Equal normalised texts always do; a text shorter than five characters
 * has only itself as a gram; texts without any character are alike to none. No pair is missed: an inverted index over each text's rarest
 * grams (a pair that is similar enough must share one) proposes pairs, which are then counted exactly.
 *
 * @param threshold in (0, 1]
 * @param mostGrams that the index may hold; a Map takes no more
 * @throws DataError where the texts have more
 * @returns (n,), dense numbers in order of first appearance
 * @source Bayardo, Ma & Srikant, "Scaling up all pairs similarity search", WWW 2007 (prefix and size filters)
 */
export function nearDuplicateClusters(
  texts: readonly string[],
  threshold: number,
  mostGrams = 2 ** 24 - 1,
): Int32Array {
  if (!(threshold > 0 && threshold <= 1)) {
    throw new RangeError(`nearDuplicates.threshold: expected a number in (0, 1], got ${threshold}`);
  }
  const sets = createDisjointSets(texts.length);
  const distinct = joinEqualTexts(texts, sets);
  if (threshold < 1) joinSimilarTexts(distinct, threshold, sets, mostGrams);
  return sets.labels();
}

type DisjointSets = ReturnType<typeof createDisjointSets>;
interface DistinctText {
  readonly row: number; // first row with this text
  readonly text: string; // normalised
}

/** Joins rows of equal normalised text and returns one row for each. */
function joinEqualTexts(texts: readonly string[], sets: DisjointSets): DistinctText[] {
  const firstRow = new Map<string, number>();
  const distinct: DistinctText[] = [];
  texts.forEach((raw, row) => {
    const text = normaliseForDuplicates(raw);
    if (text === '') return;
    const first = firstRow.get(text);
    if (first !== undefined) return sets.union(first, row);
    firstRow.set(text, row);
    distinct.push({ row, text });
  });
  return distinct;
}

function joinSimilarTexts(
  distinct: readonly DistinctText[],
  threshold: number,
  sets: DisjointSets,
  mostGrams: number,
): void {
  const grams = rareFirst(distinct);
  const bySize = [...distinct.keys()].sort((a, b) => grams[a]!.length - grams[b]!.length || a - b);
  const index = new Map<number, number[]>(); // gram -> earlier (smaller) texts with it in their prefix
  const lastSeenBy = new Int32Array(distinct.length).fill(-1);
  for (const current of bySize) {
    const own = grams[current]!;
    const smallest = Math.ceil(threshold * own.length - 1e-9);
    const prefix = own.length - smallest + 1;
    for (let i = 0; i < prefix && i < own.length; i++) {
      let postings = index.get(own[i]!);
      if (postings === undefined) {
        if (index.size >= mostGrams) throw tooMany(distinct.length);
        index.set(own[i]!, (postings = []));
      }
      for (const other of postings) {
        if (lastSeenBy[other] === current || grams[other]!.length < smallest) continue;
        lastSeenBy[other] = current;
        const [rowA, rowB] = [distinct[current]!.row, distinct[other]!.row];
        if (sets.find(rowA) === sets.find(rowB)) continue;
        if (isSimilar(own, grams[other]!, threshold)) sets.union(rowA, rowB);
      }
      postings.push(current);
    }
  }
}

const tooMany = (texts: number): DataError =>
  new DataError(
    `near-duplicates: ${texts} distinct texts are too many to be compared at once; clean.nearDuplicates: { threshold: 1 } looks for equal ` +
      'ones only, { enabled: false } for none',
  );

/** Distinct 32-bit hashes of a text's grams, ascending. */
function gramHashes(text: string): Uint32Array {
  const last = Math.max(0, text.length - GRAM);
  const found = new Uint32Array(last + 1);
  for (let start = 0; start <= last; start++) {
    let hash = 0x811c9dc5;
    for (let i = start; i < start + GRAM && i < text.length; i++) {
      hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
    }
    hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b);
    found[start] = hash ^ (hash >>> 13);
  }
  let count = 0;
  for (const hash of found.sort()) if (count === 0 || hash !== found[count - 1]) found[count++] = hash;
  return found.subarray(0, count);
}

/**
 * Grams of each text as ascending keys, rare ones first: frequency × 2³² + hash, one total order for all texts. They are
 * hashed twice rather than kept.
 */
function rareFirst(texts: readonly DistinctText[]): Float64Array[] {
  const frequency = new Uint32Array(FREQUENCY_SLOTS);
  for (const { text } of texts)
    for (const hash of gramHashes(text)) frequency[hash & (FREQUENCY_SLOTS - 1)]!++;
  return texts.map(({ text }) => {
    const hashes = gramHashes(text);
    const keys = new Float64Array(hashes.length);
    for (let i = 0; i < hashes.length; i++) {
      const count = Math.min(frequency[hashes[i]! & (FREQUENCY_SLOTS - 1)]!, FREQUENCY_SLOTS);
      keys[i] = count * HASHES + hashes[i]!;
    }
    return keys.sort();
  });
}

function isSimilar(a: Float64Array, b: Float64Array, threshold: number): boolean {
  let shared = 0;
  for (let i = 0, j = 0; i < a.length && j < b.length;) {
    if (a[i]! === b[j]!) {
      shared++;
      i++;
      j++;
    } else if (a[i]! < b[j]!) i++;
    else j++;
  }
  return shared >= threshold * (a.length + b.length - shared) - 1e-9;
}

/** How many clusters there are; they are numbered below the number of rows. */
export const clusterCount = (clusters: Int32Array): number =>
  sizesOf(clusters).reduce((count, size) => count + Number(size > 0), 0);

function sizesOf(clusters: Int32Array): Int32Array {
  const sizes = new Int32Array(clusters.length);
  for (const cluster of clusters) sizes[cluster]!++;
  return sizes;
}

/** A cluster of near-duplicates that carries more than one target. */
export interface ConflictingCluster {
  readonly cluster: number;
  readonly rows: readonly number[]; // ascending
  readonly targets: readonly number[]; // distinct codes, ascending
}

/** Clusters whose rows disagree about the target, in order of their number. Rows without a target (−1) don't count. */
export function conflicts(clusters: Int32Array, targets: Int32Array): ConflictingCluster[] {
  const sizes = sizesOf(clusters);
  const rowsOf = new Map<number, number[]>();
  clusters.forEach((cluster, row) => {
    if (targets[row]! < 0 || sizes[cluster] === 1) return;
    const rows = rowsOf.get(cluster);
    if (rows === undefined) rowsOf.set(cluster, [row]);
    else rows.push(row);
  });
  return [...rowsOf]
    .map(([cluster, rows]) => ({
      cluster,
      rows,
      targets: [...new Set(rows.map((row) => targets[row]!))].sort((a, b) => a - b),
    }))
    .filter((found) => found.targets.length > 1)
    .sort((a, b) => a.cluster - b.cluster);
}
