import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { columnsOf, cut } from '../../../core/text/columns.js';

const FAMILY = '👨‍👩‍👧‍👦';

describe('columnsOf', () => {
  const cases: readonly (readonly [string, number])[] = [
    ['lamp', 4],
    ['台灯', 4],
    ['おもちゃ', 8],
    ['مصابيح', 6],
    [FAMILY, 2],
    ['🇯🇵', 2],
    ['✔️ 3 × 5 → …', 12],
    ['한국어', 6],
    ['a\u200bb', 2],
    ['cafe\u0301', 4],
    ['שָׁלוֹם', 4],
  ];
  for (const [text, columns] of cases)
    it(`${text} takes ${columns}`, () => assert.equal(columnsOf(text), columns));
});

describe('cut', () => {
  const cases: readonly (readonly [text: string, width: number, kept: string])[] = [
    ['lamps', 5, 'lamps'],
    ['lamps', 4, 'lam…'],
    ['台灯台灯', 8, '台灯台灯'],
    ['台灯台灯', 6, '台灯…'], // a third one would end at column 6, where the ellipsis stands
    [`ab${FAMILY}cd`, 4, 'ab…'],
    [`ab${FAMILY}cd`, 5, `ab${FAMILY}…`],
    ['cafe\u0301s and more', 5, 'cafe\u0301…'],
  ];
  for (const [text, width, kept] of cases)
    it(`${text} to ${width} columns is ${kept}`, () => assert.equal(cut(text, width), kept));
});
