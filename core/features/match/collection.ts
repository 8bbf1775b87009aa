import { collapseWhitespace, tokenize } from '../../text/tokenize.js';
import { increment } from '../block.js';

/** How often terms are in the texts of a collection. */
export interface Collection {
  readonly documents: number; // N, distinct texts
  readonly meanLength: number; // words of a text
  readonly words: ReadonlyMap<string, number>; // word, or two neighbours with a space between → texts that hold it
  readonly characters: ReadonlyMap<string, number>; // 3- and 4-grams → texts that hold it
}

/** Counts of a text. */
export interface Terms {
  readonly tokens: readonly string[]; // in order
  readonly words: ReadonlyMap<string, number>; // words and pairs of neighbours → times
  readonly characters: ReadonlyMap<string, number>; // 3- and 4-grams → times
}

const CHARACTERS = [3, 4] as const;

export function termsOf(text: string): Terms {
  const tokens = tokenize(text);
  const words = new Map<string, number>();
  tokens.forEach((token, i) => {
    increment(words, token);
    if (i > 0) increment(words, `${tokens[i - 1]!} ${token}`);
  });
  const characters = new Map<string, number>();
  const units = [...collapseWhitespace(text.toLowerCase().trim())];
  for (const n of CHARACTERS) {
    for (let at = 0; at + n <= units.length; at++) increment(characters, units.slice(at, at + n).join(''));
  }
  return { tokens, words, characters };
}

/** Learns from distinct texts. Give it those of training rows only. */
export function collect(texts: Iterable<string>): Collection {
  const words = new Map<string, number>();
  const characters = new Map<string, number>();
  const distinct = new Set(texts);
  let length = 0;
  for (const text of distinct) {
    const terms = termsOf(text);
    length += terms.tokens.length;
    for (const word of terms.words.keys()) increment(words, word);
    for (const gram of terms.characters.keys()) increment(characters, gram);
  }
  return { documents: distinct.size, meanLength: length / Math.max(1, distinct.size), words, characters };
}
