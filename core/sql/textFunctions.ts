import type { SqlFunction } from '../../contracts/store.js';
import { attributeTerms } from '../features/attributes.js';
import { joinedEmoji } from '../text/joinedEmoji.js';
import { textRules } from '../text/textRules.js';
import type { Analyzer } from '../text/tfidf.js';
import { collapseWhitespace, tokenize } from '../text/tokenize.js';

/** Marks an n-gram that its text had not had before, and one that it had. */
export const FIRST = '+';
const AGAIN = '-';

export interface NgramsAsked {
  readonly analyzer: Analyzer;
  readonly ngrams: readonly [number, number]; // lowest and highest n
}

/** How joined emoji are cut, for those who can't know: see `joinedEmoji`. */
export type JoinedCuts = Readonly<Record<string, readonly string[]>>;

/**
 * A function from a text to its n-grams: as core/text/tfidf.ts has them, each behind its mark.
 *
 * @param joined all that the texts hold
 */
export const ngramsFunction = (name: string, asked: NgramsAsked, joined: JoinedCuts): SqlFunction => ({
  ...{ name, takes: 'text', gives: 'texts' },
  elsewhere: { name: 'ngrams', params: [rules(), asked.analyzer, ...asked.ngrams, JSON.stringify(joined)] },
  call: (text: string) => markedNgrams(text, asked),
});

/** A function from a text to what of it may be joined emoji. */
export const joinedEmojiFunction = (): SqlFunction => ({
  ...{ name: 'joined_emoji', takes: 'text', gives: 'texts' },
  elsewhere: { name: 'joined_emoji', params: [rules()] },
  call: joinedEmoji,
});

/** A function from a list of attributes to its terms, each once. */
export const attributeTermsFunction = (): SqlFunction => ({
  ...{ name: 'attribute_terms', takes: 'text', gives: 'texts' },
  elsewhere: { name: 'attribute_terms', params: [rules()] },
  call: (list: string) => [...attributeTerms(list)],
});

const rules = (): string => JSON.stringify(textRules());

function markedNgrams(text: string, { analyzer, ngrams: [low, high] }: NgramsAsked): string[] {
  const isWords = analyzer === 'words';
  const units = isWords ? tokenize(text) : [...collapseWhitespace(text.toLowerCase())];
  const seen = new Set<string>();
  const found: string[] = [];
  for (let n = low; n <= high; n++) {
    for (let at = 0; at + n <= units.length; at++) {
      const ngram = units.slice(at, at + n).join(isWords ? ' ' : '');
      found.push((seen.has(ngram) ? AGAIN : FIRST) + ngram);
      seen.add(ngram);
    }
  }
  return found;
}
