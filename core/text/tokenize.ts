/** Characters, as a class of a regular expression says them. Of several the first one counts. */
export const CHARACTERS = {
  /** What words are made of. */
  word: '\\p{L}\\p{N}_',
  /** What goes on with a word: vowel signs, points and accents, and the joiners of Persian and Indic scripts. */
  after: '\\p{M}\\u200c\\u200d',
  /** What an emoji may begin with. */
  picture: '\\p{Extended_Pictographic}\\p{Emoji_Presentation}',
} as const;
const WORD = new RegExp(`^[${CHARACTERS.word}]$`, 'u');
const GOES_ON = new RegExp(`^[${CHARACTERS.after}]$`, 'u');
const PICTURE = new RegExp(`^[${CHARACTERS.picture}]$`, 'u');
/** A whole emoji, with its tone of skin, its flag's second letter, or those that it is joined to. */
const EMOJI = new RegExp('\\p{RGI_Emoji}', 'vy');

/** What a code point is to the words of a text. */
const OTHER = 1;
const INSIDE = 2;
const AFTER = 3;
const PICTURED = 4;

const kindOf = (character: string): number =>
  WORD.test(character)
    ? INSIDE
    : GOES_ON.test(character)
      ? AFTER
      : PICTURE.test(character)
        ? PICTURED
        : OTHER;

/** Of UTF-16 units below U+0080. */
const asciiKinds = Uint8Array.from({ length: 128 }, (_, unit) =>
  WORD.test(String.fromCharCode(unit)) ? INSIDE : OTHER,
);

/** Of the whole basic plane; 0 = not asked yet. */
const basicPlane = new Uint8Array(0x10000);

function kindBeyondAscii(codePoint: number): number {
  if (codePoint > 0xffff) return kindOf(String.fromCodePoint(codePoint));
  const known = basicPlane[codePoint]!;
  return known === 0 ? (basicPlane[codePoint] = kindOf(String.fromCharCode(codePoint))) : known;
}

/** Length of the emoji that begins there; 0 where none does. */
function emojiLength(text: string, at: number): number {
  EMOJI.lastIndex = at;
  return EMOJI.exec(text)?.[0].length ?? 0;
}

/** Pieces of a text: unit i is text.slice(starts[i], ends[i]). Grown as needed and used again for the next text. */
export class Bounds {
  count = 0;
  starts = new Int32Array(256);
  ends = new Int32Array(256);

  push(start: number, end: number): void {
    if (this.count === this.starts.length) this.grow();
    this.starts[this.count] = start;
    this.ends[this.count++] = end;
  }

  private grow(): void {
    const [starts, ends] = [this.starts, this.ends];
    this.starts = new Int32Array(starts.length * 2);
    this.ends = new Int32Array(starts.length * 2);
    this.starts.set(starts);
    this.ends.set(ends);
  }
}

/**
 * Finds the words of a text without making strings of them: letters, digits and underscores with the marks that stand on
 * them, and whole emoji. As /[\p{L}\p{N}_][\p{L}\p{N}_\p{M}\u200c\u200d]*|\p{RGI_Emoji}/gv.
 */
export function scanWords(text: string, bounds: Bounds): void {
  bounds.count = 0;
  const length = text.length;
  let start = -1;
  for (let i = 0; i < length; i++) {
    const unit = text.charCodeAt(i);
    let width = 1;
    let kind = unit < 128 ? asciiKinds[unit]! : 0;
    if (kind === 0) {
      const codePoint = text.codePointAt(i)!;
      if (codePoint > 0xffff) width = 2;
      kind = kindBeyondAscii(codePoint);
    }
    if (kind === INSIDE) {
      if (start < 0) start = i;
    } else if (start >= 0 && kind !== AFTER) {
      bounds.push(start, i);
      start = -1;
    }
    if (kind === PICTURED) {
      const long = emojiLength(text, i);
      if (long > 0) bounds.push(i, i + long);
      width = Math.max(width, long);
    }
    i += width - 1;
  }
  if (start >= 0) bounds.push(start, length);
}

/** Finds the characters (code points) of a text. */
export function scanCharacters(text: string, bounds: Bounds): void {
  bounds.count = 0;
  for (let i = 0; i < text.length;) {
    const width = text.codePointAt(i)! > 0xffff ? 2 : 1;
    bounds.push(i, i + width);
    i += width;
  }
}

/** Lower-cased words of a text, in order. */
export function tokenize(text: string): string[] {
  const lowered = text.toLowerCase();
  const bounds = new Bounds();
  scanWords(lowered, bounds);
  return Array.from({ length: bounds.count }, (_, i) => lowered.slice(bounds.starts[i], bounds.ends[i]));
}

// What Python's \s matches; JavaScript's differs in U+001C–001F, U+0085 and U+FEFF.
const WHITESPACE_RUN =
  // eslint-disable-next-line no-control-regex -- separators are meant
  /[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]{2,}/g;

/** Each run of two or more white-space characters becomes one space, as scikit-learn's character analyser has it. */
export const collapseWhitespace = (text: string): string => text.replace(WHITESPACE_RUN, ' ');

const SPACELESS = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/gu;
const LETTER = /\p{L}/gu;
const SAMPLED_TEXTS = 1000;
const SPACELESS_SHARE = 0.3; // names, numbers and Latin brand words stand in most Chinese and Japanese texts

/** Whether texts are mostly Chinese or Japanese, judged by the letters of the first thousand that have any. */
export function isWrittenWithoutSpaces(texts: Iterable<string>): boolean {
  let letters = 0;
  let spaceless = 0;
  let seen = 0;
  for (const text of texts) {
    const found = text.match(LETTER)?.length ?? 0;
    if (found === 0) continue;
    letters += found;
    spaceless += text.match(SPACELESS)?.length ?? 0;
    if (++seen === SAMPLED_TEXTS) break;
  }
  return letters > 0 && spaceless / letters > SPACELESS_SHARE;
}
