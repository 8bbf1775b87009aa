import type { CsrMatrix } from '../contracts/matrix.js';
import type { TfidfCounts, TfidfSettings, TfidfVocabulary } from '../core/text/tfidf.js';

/** What is asked of a thread; each is answered in turn. */
export type TextOrder =
  | { readonly do: 'learn'; readonly settings: TfidfSettings }
  | { readonly do: 'add'; readonly texts: readonly string[] }
  | { readonly do: 'counts' }
  | { readonly do: 'weighBy'; readonly vocabulary: TfidfVocabulary }
  | { readonly do: 'weigh'; readonly texts: readonly string[] };

export type TextAnswer = CsrMatrix | TfidfCounts | undefined;

/** Memory that is handed over instead of copied. */
export function buffersOf(value: NonNullable<TextAnswer>): ArrayBuffer[] {
  if ('trie' in value) {
    const { units, records } = value.trie;
    return [units.pool, units.ends, records].map(({ buffer }) => buffer as ArrayBuffer);
  }
  return [value.indptr, value.indices, value.values].map(({ buffer }) => buffer as ArrayBuffer);
}
