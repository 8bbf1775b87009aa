import { byText, increment } from '../features/block.js';
import { Bounds, scanCharacters, tokenize } from './tokenize.js';

/** The first ids of a vocabulary of words: padding, and every word that is not in it. */
export const PADDING = '[PAD]';
export const UNKNOWN = '[UNK]';

export interface VocabularySettings {
  /** What a token is: a word, or (where words are written without spaces) a character that is no space. */
  readonly unit: 'words' | 'characters';
  /** Tokens at most, padding and unknown included: the most frequent ones; ties: first in order of text. */
  readonly vocabularySize: number;
  /** Rarer tokens are unknown. */
  readonly minFrequency: number;
}

const tokensOf = (text: string, unit: VocabularySettings['unit']): string[] =>
  unit === 'words' ? tokenize(text) : characters(text);

/** Learns the tokens of texts: `[PAD]`, `[UNK]`, then the most frequent ones. A token's id is its place. */
export function fitVocabulary(texts: Iterable<string>, settings: VocabularySettings): string[] {
  const counts = new Map<string, number>();
  for (const text of texts) for (const token of tokensOf(text, settings.unit)) increment(counts, token);
  const frequent = [...counts]
    .filter(([, count]) => count >= settings.minFrequency)
    .sort((a, b) => b[1] - a[1] || byText(a[0], b[0]))
    .slice(0, Math.max(0, settings.vocabularySize - 2));
  return [PADDING, UNKNOWN, ...frequent.map(([token]) => token)];
}

/** A function from a text to the ids of its tokens. Keep it for many texts. */
export function vocabularyEncoder(
  vocabulary: readonly string[],
  unit: VocabularySettings['unit'],
): (text: string) => number[] {
  // Words and characters have no brackets around letters, so that no text is ever [PAD].
  const ids = new Map(vocabulary.map((token, id) => [token, id]));
  const unknown = ids.get(UNKNOWN)!;
  return (text) => tokensOf(text, unit).map((token) => ids.get(token) ?? unknown);
}

function characters(text: string): string[] {
  const lowered = text.toLowerCase();
  const bounds = new Bounds();
  scanCharacters(lowered, bounds);
  const all = Array.from({ length: bounds.count }, (_, i) => lowered.slice(bounds.starts[i], bounds.ends[i]));
  return all.filter((character) => character.trim() !== '');
}
