import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { collapseWhitespace, isWrittenWithoutSpaces, tokenize } from '../../../core/text/tokenize.js';

it('finds the words that the regular expression finds, in any text', () => {
  const unit = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('a', 'É', '_', ' ', '中', '😀', '𝒳', '\ud800', '½'),
  );
  fc.assert(
    fc.property(fc.array(unit), (units) => {
      const text = units.join('');
      assert.deepEqual(tokenize(text), text.toLowerCase().match(/[\p{L}\p{N}_]+/gu) ?? []);
    }),
  );
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
