import { CHARACTERS, tokenize } from './tokenize.js';

/** Code points: first and last of each range, one after the other. */
type Ranges = readonly number[];

/** What decides how a text is lower-cased and cut into words here, for whoever does it in another language: Unicode has versions. */
export interface TextRules {
  readonly word: Ranges;
  readonly after: Ranges;
  readonly picture: Ranges;
  /** Characters that are other ones in lower case, and what they are. A Σ that ends a word is another one yet. */
  readonly lower: readonly (readonly [character: string, lower: string])[];
  /** What a Σ looks at around it; what may be ignored is looked past, cased or not. */
  readonly cased: Ranges;
  readonly ignored: Ranges;
  /** Those that are one code point or two, flags among them. */
  readonly emoji: readonly string[];
}

const TONES = ['\u{1f3fb}', '\u{1f3fc}', '\u{1f3fd}', '\u{1f3fe}', '\u{1f3ff}'];
const SELECTOR = '\ufe0f';
const FIRST_FLAG = 0x1f1e6;
const FLAG_LETTERS = Array.from({ length: 26 }, (_, i) => String.fromCodePoint(FIRST_FLAG + i));

/** All characters, in order. */
const EVERYTHING: readonly (readonly [first: number, last: number])[] = [
  [0, 0xd7ff],
  [0xe000, 0x10ffff],
];

let made: TextRules | undefined;

/** The rules of this process. */
export function textRules(): TextRules {
  const { word, after, picture } = CHARACTERS;
  made ??= {
    word: ranges(`[${word}]`),
    after: ranges(`[[${after}]--[${word}]]`),
    picture: ranges(`[[${picture}]--[${word}${after}]]`),
    lower: found('\\p{Changes_When_Lowercased}', (one) => [one, one.toLowerCase()] as const),
    cased: ranges('[\\p{Cased}--\\p{Case_Ignorable}]'),
    ignored: ranges('\\p{Case_Ignorable}'),
    emoji: [
      ...found(`[[${picture}]--[${word}${after}]]`, (one) =>
        [one, ...[SELECTOR, ...TONES].map((more) => one + more)].filter(isEmoji),
      ).flat(),
      ...FLAG_LETTERS.flatMap((one) => FLAG_LETTERS.map((other) => one + other).filter(isEmoji)),
    ],
  };
  return made;
}

function isEmoji(text: string): boolean {
  const [first] = tokenize(text);
  return first === text;
}

/** Ranges of the characters that a regular expression's class holds. */
function ranges(ofClass: string): number[] {
  return matches(`${ofClass}+`).flatMap(([run, first]) => [first, first + [...run].length - 1]);
}

const found = <T>(ofClass: string, make: (character: string) => T): T[] =>
  matches(ofClass).map(([character]) => make(character));

/** What is found in the text of all characters, with its first code point. */
function matches(pattern: string): (readonly [text: string, first: number])[] {
  const finder = new RegExp(pattern, 'gv');
  return EVERYTHING.flatMap(([first, last]) => {
    const points = Array.from({ length: last - first + 1 }, (_, i) => String.fromCodePoint(first + i));
    return Array.from(points.join('').matchAll(finder), ([text]) => [text, text.codePointAt(0)!] as const);
  });
}
