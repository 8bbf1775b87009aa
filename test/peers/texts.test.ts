import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { SqlFunction } from '../../contracts/store.js';
import {
  attributeTermsFunction,
  joinedEmojiFunction,
  type NgramsAsked,
  ngramsFunction,
} from '../../core/sql/textFunctions.js';
import { cutEmoji, JOINED_BY, joinedEmoji } from '../../core/text/joinedEmoji.js';
import { textRules } from '../../core/text/textRules.js';
import { askedPython } from './askPython.js';
import { skipSpark } from './sparkHome.js';

const DRAWN = 20_000;

/** A character of any kind that something is done about, and any other. */
const character = fc.oneof(
  fc.constantFrom(...'aZ09_ .-:;|\n\t'),
  fc.constantFrom(...'İIıßẞΣσςΟΑİǅDŽﬁŉϐ\u0345\u0307\u00ad\u02b0ª\u2019·', 'K', 'Å', '\u{10400}', '\u{1e900}'),
  fc.constantFrom(...'中文日本語ひらカナー한국ไทยภาษาสวัสดีनमस्तेक्षاَلعَرَبِيّةשָׁלוֹם'),
  fc.constantFrom(
    'e\u0301',
    'n\u0303',
    '\u0301',
    '\u200c',
    '\u200d',
    '\ufe0f',
    '\u20e3',
    '\u180e',
    '\ufeff',
    '\u0085',
  ),
  fc.constantFrom(
    '\u001c',
    '\u00a0',
    '\u2003',
    '\u2028',
    '\u3000',
    '\0',
    '\ud800',
    '\udc00',
    '\udbff',
    '\uffff',
    '\ue000',
  ),
  fc.constantFrom(
    ...['😀', '❤️', '❤', '☺', '👍🏽', '🏽', '©', '™️', 'ℹ️', '1️⃣', '#️⃣', '🅰', 'Ⓜ', 'ⓜ', '㊗️', '🀄'],
  ),
  fc.constantFrom(
    ...['🇩🇪', '🇩', '🇪', '🇽', '👨‍👩‍👧', '👩🏽‍🚀', '👩‍', '‍🚀', '🏴󠁧󠁢󠁥󠁮󠁧󠁿', '🏴‍☠️', '🏴', '\u{e0067}', '\u{e007f}'],
  ),
  fc.constantFrom(...['🧑🏻‍🐰‍🧑🏼', '👨🏻‍❤️‍💋‍👨🏿', '🐶‍🚀', '🐕‍🦺', '🙂‍↔️', '↔', '‍ℹ️', '🇩‍🇪🇫🇷']),
  fc.integer({ min: 0x80, max: 0x10ffff }).map((point) => String.fromCodePoint(point)),
  fc.constantFrom(...textRules().lower.map(([one]) => one)),
);
const TEXTS = [
  ...[
    '',
    ' ',
    'Σ',
    'ΑΣ',
    'ΑΣ.',
    'ΑΣ.Α',
    'Α\u0301Σ\u0301',
    'ΑΣ\u00adΒ',
    '1Σ',
    'ʰΣ',
    'ªΣ',
    'ΣΣΣ',
    'İSTANBUL',
    'STRASSE ẞ',
  ],
  ...[
    'Oak: Table ; colour : RED|size\n: x;:;a:b:c',
    '\ufeffkey\u3000: \u0085v ',
    '🇩🇪🇫🇷🇮',
    '👩‍👩‍👩',
    '1️⃣2️⃣',
  ],
  ...textRules().emoji,
  ...fc.sample(fc.string({ unit: character, maxLength: 12 }), { numRuns: DRAWN, seed: 42 }),
];

const joined = cutEmoji([...new Set(TEXTS.flatMap(joinedEmoji))]);
const asked = (analyzer: NgramsAsked['analyzer'], low: number, high: number): SqlFunction =>
  ngramsFunction('ngrams', { analyzer, ngrams: [low, high] }, joined);

describe('texts, as JavaScript cuts them, in Python', { skip: skipSpark }, () => {
  const same: readonly (readonly [what: string, of: SqlFunction])[] = [
    ['words', asked('words', 1, 1)],
    ['words and pairs', asked('words', 1, 2)],
    ['characters', asked('characters', 1, 1)],
    ['characters by threes and fours', asked('characters', 3, 4)],
    ['attributes', attributeTermsFunction()],
    ['joined emoji', joinedEmojiFunction()],
  ];
  for (const [what, { elsewhere, call }] of same) {
    it(`${what} are the same`, () => {
      assert.ok(elsewhere && 'name' in elsewhere);
      const found = askedPython(elsewhere.name, elsewhere.params, TEXTS);
      const wanted = TEXTS.map(call as (text: string) => unknown);
      const wrong = TEXTS.flatMap((text, i) =>
        JSON.stringify(found[i]) === JSON.stringify(wanted[i]) ? [] : [[text, found[i], wanted[i]]],
      );
      assert.deepEqual(wrong.slice(0, 20), []);
    });
  }

  it('have all kinds of characters in them', () => {
    assert.ok(Object.keys(joined).length > 100);
    for (const mark of JOINED_BY) assert.ok(TEXTS.some((text) => text.includes(mark)));
    assert.ok(TEXTS.filter((text) => /\p{Lo}/u.test(text)).length > 5000);
    assert.ok(TEXTS.filter((text) => /[\ud800-\udfff]/u.test(text)).length > 1000);
  });
});
