const characters = new Intl.Segmenter('und', { granularity: 'grapheme' });

/** What a reader sees as single characters: a letter with its marks, an emoji of several parts. */
export function* charactersOf(text: string): Generator<string> {
  for (const { segment } of characters.segment(text)) yield segment;
}

/**
 * The beginning of a text, with an ellipsis where something is left out. No character is cut in two, be it of several
 * code units, an emoji of several parts or a letter with marks.
 *
 * @param most UTF-16 code units, the ellipsis included
 */
export function clipText(text: string, most: number): string {
  if (text.length <= most) return text;
  let kept = '';
  for (const character of charactersOf(text)) {
    if (kept.length + character.length >= most) break;
    kept += character;
  }
  return `${kept === '' ? text.slice(0, most - 1).replace(/[\ud800-\udbff]$/, '') : kept}…`;
}
