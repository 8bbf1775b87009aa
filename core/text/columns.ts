import { eastAsianWidth } from 'get-east-asian-width';
import { charactersOf } from './characters.js';

/**
 * Columns that a text takes where all letters are as wide, as in terminals: two for Chinese, Japanese, Korean and emoji,
 * none for marks on the letter before.
 */
export function columnsOf(text: string): number {
  if (NARROW.test(text)) return text.length;
  let columns = 0;
  for (const character of charactersOf(text)) {
    if (UNSEEN.test(character)) continue;
    columns += EMOJI.test(character) ? 2 : eastAsianWidth(character.codePointAt(0)!);
  }
  return columns;
}

/** Printable ASCII and Latin letters: most texts. */
const NARROW = /^[\x20-\x7e\xa1-\xac\xae-\u02ff]*$/;
const UNSEEN = /^[\p{Control}\p{Mark}\p{Default_Ignorable_Code_Point}]+$/u;
/** What a selector makes an emoji, and flags; all others are wide by themselves. */
const EMOJI = /\ufe0f|^\p{Regional_Indicator}{2}/u;

/** Cuts a text to so many columns, with an ellipsis; what a reader sees as one character stays whole. */
export function cut(text: string, width: number): string {
  if (columnsOf(text) <= width) return text;
  let left = width - 1;
  let kept = '';
  for (const character of charactersOf(text)) {
    left -= columnsOf(character);
    if (left < 0) break;
    kept += character;
  }
  return `${kept}…`;
}

/** Fills a text with spaces to so many columns. */
export const padded = (text: string, width: number, side: 'start' | 'end' = 'end'): string => {
  const spaces = ' '.repeat(Math.max(width - columnsOf(text), 0));
  return side === 'end' ? `${text}${spaces}` : `${spaces}${text}`;
};
