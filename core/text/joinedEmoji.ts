import { CHARACTERS, tokenize } from './tokenize.js';

/** Joiner of pictures. */
const JOINER = '\u200d';
/** What ends a flag that is spelled in tags. */
const LAST_TAG = '\u{e007f}';

/** What a text must hold if it holds joined emoji: else it needs no look. */
export const JOINED_BY: readonly string[] = [JOINER, LAST_TAG];

const { word, after, picture } = CHARACTERS;
const ONE = `(?:[\\u{1f1e6}-\\u{1f1ff}]+|[[${picture}]--[${word}${after}]])`;
/**
 * A picture, or letters of flags, with all that may belong to it: which of it are emoji is decided by nothing around it.
 * core/text/tokenize.ts knows; infra/spark/texts.py finds the same.
 */
const JOINED = new RegExp(
  `[${word}][${word}${after}]*|(?<joined>${ONE}(?:[\\ufe0f\\u{1f3fb}-\\u{1f3ff}\\u{e0020}-\\u{e007f}]|${JOINER}${ONE}?)*)`,
  'gv',
);

/** Of a text, what may be joined emoji, each once: as it stands in lower case. */
export function joinedEmoji(text: string): string[] {
  const found = new Set<string>();
  for (const { groups } of text.toLowerCase().matchAll(JOINED)) {
    const joined = groups!['joined'];
    if (joined !== undefined && JOINED_BY.some((mark) => joined.includes(mark))) found.add(joined);
  }
  return [...found];
}

/** How what was found is cut. */
export const cutEmoji = (joined: readonly string[]): Readonly<Record<string, readonly string[]>> =>
  Object.fromEntries(joined.map((one) => [one, tokenize(one)]));
