import { isWrittenWithoutSpaces, tokenize } from '../text/tokenize.js';

/** A text as its words, lower-cased, one space around each: ` red shoe `. */
export const spelled = (text: string): string => ` ${tokenize(text).join(' ')} `;

/** A function that finds any of the phrases in a text: as whole words, or as characters in scripts without spaces. */
export function phraseFinder(phrases: readonly string[]): (text: string) => boolean {
  const needles = phrases.map((phrase) => ({
    words: spelled(phrase),
    raw: phrase.toLowerCase(),
    spaceless: isWrittenWithoutSpaces([phrase]),
  }));
  return (text) => {
    const words = spelled(text);
    return needles.some((needle) =>
      needle.spaceless ? text.toLowerCase().includes(needle.raw) : words.includes(needle.words),
    );
  };
}
