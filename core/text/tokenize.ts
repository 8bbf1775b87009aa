const WORD = /^[\p{L}\p{N}_]$/u;

/** 1 where a UTF-16 unit below U+0080 belongs to a word. */
const asciiWord = Uint8Array.from({ length: 128 }, (_, unit) => Number(WORD.test(String.fromCharCode(unit))));

/** The same for the whole basic plane: 0 = not asked yet, 1 = no, 2 = yes. */
const basicPlane = new Uint8Array(0x10000);

function isWord(codePoint: number): boolean {
  if (codePoint < 128) return asciiWord[codePoint] === 1;
  if (codePoint > 0xffff) return WORD.test(String.fromCodePoint(codePoint));
  const known = basicPlane[codePoint]!;
  if (known !== 0) return known === 2;
  const answer = WORD.test(String.fromCharCode(codePoint));
  basicPlane[codePoint] = answer ? 2 : 1;
  return answer;
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

/** Finds the words of a text, /[\p{L}\p{N}_]+/gu, without making strings of them. */
export function scanWords(text: string, bounds: Bounds): void {
  bounds.count = 0;
  const length = text.length;
  let start = -1;
  for (let i = 0; i < length; i++) {
    const unit = text.charCodeAt(i);
    let width = 1;
    let inside: boolean;
    if (unit < 128) {
      inside = asciiWord[unit] === 1;
    } else {
      const codePoint = text.codePointAt(i)!;
      if (codePoint > 0xffff) width = 2;
      inside = isWord(codePoint);
    }
    if (inside) {
      if (start < 0) start = i;
    } else if (start >= 0) {
      bounds.push(start, i);
      start = -1;
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
