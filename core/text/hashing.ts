import type { CsrMatrix } from '../../contracts/matrix.js';
import { murmur3 } from './murmur3.js';
import { IntList } from './intList.js';
import type { Analyzer } from './tfidf.js';
import { Bounds, collapseWhitespace, scanCharacters, scanWords } from './tokenize.js';

export interface HashingSettings {
  readonly analyzer: Analyzer;
  readonly ngrams: readonly [number, number]; // lowest and highest n
  readonly buckets: number;
}

/** Where an n-gram is counted, and whether it counts up or down. */
export interface Bucket {
  readonly bucket: number;
  readonly sign: 1 | -1;
}

/** The bucket of an n-gram: words with one space between, or characters; lower-cased. */
export function bucketOf(term: string, buckets: number): Bucket {
  const bytes = new TextEncoder().encode(term);
  const hash = murmur3(bytes, 0, bytes.length);
  return { bucket: placeOf(hash, buckets), sign: hash >= 0 ? 1 : -1 };
}

/**
 * Counts n-grams of texts in buckets of their hashes, up or down by the hash's sign; rows are brought to Euclidean length 1.
 * Nothing is learned, and nothing kept but the buckets: memory doesn't grow with the texts. Counts that cancel out are
 * left out. Keep the function for many batches.
 *
 * @returns a function from texts to (texts, buckets)
 * @source scikit-learn HashingVectorizer(norm="l2", alternate_sign=True), whose values these are, to single precision
 */
export function hashingTransformer(settings: HashingSettings): (texts: Iterable<string>) => CsrMatrix {
  const sums = new Int32Array(settings.buckets); // of the text under way
  const [touched, units] = [new IntList(), new UnitBytes()];
  const [indptr, indices, counts] = [new IntList(), new IntList(), new IntList()]; // grown once, used again
  return (texts) => {
    indptr.length = indices.length = counts.length = 0;
    indptr.push(0);
    for (const text of texts) {
      touched.length = 0;
      units.read(text, settings.analyzer);
      countNgrams(units, settings, sums, touched);
      for (const bucket of touched.values.subarray(0, touched.length).sort()) {
        const sum = sums[bucket]!;
        if (sum === 0) continue; // cancelled out, or written already
        sums[bucket] = 0;
        indices.push(bucket);
        counts.push(sum);
      }
      indptr.push(indices.length);
    }
    return {
      rows: indptr.length - 1,
      cols: settings.buckets,
      indptr: indptr.values.slice(0, indptr.length),
      indices: indices.values.slice(0, indices.length),
      values: unitRows(indptr, counts),
    };
  };
}

function countNgrams(
  { bytes, bounds }: UnitBytes,
  { ngrams: [low, high], buckets }: HashingSettings,
  sums: Int32Array,
  touched: IntList,
): void {
  const { count, starts, ends } = bounds;
  for (let first = 0; first < count; first++) {
    for (let last = first + low - 1; last < Math.min(first + high, count); last++) {
      const hash = murmur3(bytes, starts[first]!, ends[last]!);
      const bucket = placeOf(hash, buckets);
      if (sums[bucket] === 0) touched.push(bucket);
      sums[bucket]! += hash >= 0 ? 1 : -1;
    }
  }
}

/** As scikit-learn has it, also for the one number that has no opposite. */
const placeOf = (hash: number, buckets: number): number =>
  hash === -0x80000000 ? (0x7fffffff - (buckets - 1)) % buckets : Math.abs(hash) % buckets;

/** Counts of each row over their Euclidean length. */
function unitRows(indptr: IntList, counts: IntList): Float32Array {
  const values = new Float32Array(counts.length);
  for (let row = 0; row + 1 < indptr.length; row++) {
    const [from, to] = [indptr.values[row]!, indptr.values[row + 1]!];
    let squares = 0;
    for (let p = from; p < to; p++) squares += counts.values[p]! ** 2;
    const length = Math.sqrt(squares);
    for (let p = from; p < to; p++) values[p] = counts.values[p]! / length;
  }
  return values;
}

const SPACE = 0x20;
const REPLACEMENT = 0xfffd;

/** The words or characters of a text as UTF-8, one after the other (words with a space between): an n-gram is one stretch. */
class UnitBytes {
  bytes = new Uint8Array(1024);
  /** Of the bytes. */
  readonly bounds = new Bounds();
  private readonly found = new Bounds(); // of the text
  private length = 0;

  read(text: string, analyzer: Analyzer): void {
    const isWords = analyzer === 'words';
    const lowered = text.toLowerCase();
    const cleaned = isWords ? lowered : collapseWhitespace(lowered);
    (isWords ? scanWords : scanCharacters)(cleaned, this.found);
    this.reserve(3 * cleaned.length + this.found.count);
    this.bounds.count = 0;
    this.length = 0;
    for (let unit = 0; unit < this.found.count; unit++) {
      if (isWords && unit > 0) this.bytes[this.length++] = SPACE;
      const start = this.length;
      this.write(cleaned, this.found.starts[unit]!, this.found.ends[unit]!);
      this.bounds.push(start, this.length);
    }
  }

  private write(text: string, start: number, end: number): void {
    for (let i = start; i < end; i++) {
      const unit = text.charCodeAt(i);
      if (unit < 0x80) {
        this.bytes[this.length++] = unit;
        continue;
      }
      const codePoint = text.codePointAt(i)!;
      if (codePoint > 0xffff) i++;
      this.writeCodePoint(codePoint >= 0xd800 && codePoint <= 0xdfff ? REPLACEMENT : codePoint);
    }
  }

  /** One beyond ASCII. */
  private writeCodePoint(codePoint: number): void {
    const following = codePoint < 0x800 ? 1 : codePoint < 0x10000 ? 2 : 3;
    const mark = [0xc0, 0xe0, 0xf0][following - 1]!;
    this.bytes[this.length++] = mark | (codePoint >> (6 * following));
    for (let left = following - 1; left >= 0; left--) {
      this.bytes[this.length++] = 0x80 | ((codePoint >> (6 * left)) & 0x3f);
    }
  }

  private reserve(capacity: number): void {
    if (capacity > this.bytes.length) this.bytes = new Uint8Array(2 * capacity);
  }
}
