import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { collapseWhitespace, isWrittenWithoutSpaces, tokenize } from '../../../core/text/tokenize.js';

it('finds the words that the regular expression finds, in any text', () => {
  const unit = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('a', 'É', '_', ' ', '中', '😀', '𝒳', '\ud800', '½', '©', '❤', '🇨', '🏃', '♂'),
    fc.constantFrom('\u0301', '\u200c', '\u200d', '\ufe0f', '\u20e3', '\u{1f3fd}', '1', 'كِ', 'दी', 'İ'),
  );
  const words = new RegExp('[\\p{L}\\p{N}_][\\p{L}\\p{N}_\\p{M}\\u200c\\u200d]*|\\p{RGI_Emoji}', 'gv');
  fc.assert(
    fc.property(fc.array(unit), (units) => {
      const text = units.join('');
      assert.deepEqual(tokenize(text), text.toLowerCase().match(words) ?? []);
    }),
  );
});

describe('words of many scripts', () => {
  const cases: readonly { name: string; text: string; want: readonly string[] }[] = [
    { name: 'Arabic with its vowels', text: 'كِتَابٌ جميل', want: ['كِتَابٌ', 'جميل'] },
    { name: 'Hebrew with its points', text: 'שָׁלוֹם עולם', want: ['שָׁלוֹם', 'עולם'] },
    { name: 'Persian, joined without a space', text: 'می‌خواهم', want: ['می‌خواهم'] },
    { name: 'Hindi', text: 'हिन्दी में', want: ['हिन्दी', 'में'] },
    { name: 'Thai', text: 'ที่ดี', want: ['ที่ดี'] },
    { name: 'Vietnamese, taken apart', text: 'tiế́ng'.normalize('NFD'), want: ['tiế́ng'.normalize('NFD')] },
    { name: 'Japanese', text: 'がっこう、カタカナ', want: ['がっこう', 'カタカナ'] },
    { name: 'a Turkish capital', text: 'İstanbul', want: ['i̇stanbul'] },
    { name: 'emoji beside words', text: 'great👍🏽 value❤️!', want: ['great', '👍🏽', 'value', '❤️'] },
    { name: 'a family and flags', text: '👨‍👩‍👧 🇨🇳🇺🇸', want: ['👨‍👩‍👧', '🇨🇳', '🇺🇸'] },
    { name: 'signs that are no emoji', text: 'Intel® Core™ ©2024', want: ['intel', 'core', '2024'] },
  ];
  for (const { name, text, want } of cases) it(name, () => assert.deepEqual(tokenize(text), want));
});

it('makes one space of a run of white space, and leaves a single one as it is', () => {
  assert.equal(collapseWhitespace('a \t\nb\tc\u3000\u3000d'), 'a b\tc d');
});

describe('isWrittenWithoutSpaces', () => {
  const cases = [
    { name: 'Chinese with a brand', texts: ['iPhone 手机质量很好', ''], want: true },
    { name: 'Japanese', texts: ['とても良い本です'], want: true },
    { name: 'English', texts: ['a very good book'], want: false },
    { name: 'Korean has spaces', texts: ['아주 좋은 책'], want: false },
    { name: 'English with a Chinese name', texts: ['ordered the 包子 at the shop yesterday'], want: false },
    { name: 'no letters', texts: ['12 !'], want: false },
  ];
  for (const { name, texts, want } of cases)
    it(name, () => assert.equal(isWrittenWithoutSpaces(texts), want));
});
