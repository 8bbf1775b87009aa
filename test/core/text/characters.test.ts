import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { charactersOf, clipText } from '../../../core/text/characters.js';

const FAMILY = '👨‍👩‍👧‍👦';

describe('clipText', () => {
  const cases: readonly (readonly [name: string, text: string, most: number, clipped: string])[] = [
    ['leaves what fits', 'table', 5, 'table'],
    ['counts the ellipsis', 'tables', 5, 'tabl…'],
    ['keeps a pair of code units whole', 'ab😀cd', 4, 'ab…'],
    ['keeps a family together', `ab${FAMILY}cd`, 14, `ab${FAMILY}…`],
    ['leaves out what fits in part', `ab${FAMILY}cd`, 6, 'ab…'],
    ['keeps a mark on its letter', 'abe\u0301cd', 4, 'ab…'],
    ['keeps vowel signs of Arabic', 'بِسْمِ الله', 4, 'بِ…'],
    ['cuts Chinese between characters', '红色的桌灯', 3, '红色…'],
    ['cuts a character that alone is too long', `${FAMILY}x`, 4, '👨\u200d…'],
  ];
  for (const [name, text, most, clipped] of cases)
    it(name, () => assert.equal(clipText(text, most), clipped));

  it('gives no half of a character, and never more than is allowed', () => {
    const texts = fc.array(fc.constantFrom('a', 'é', FAMILY, '字', 'ش', '🇯🇵', 'e\u0301', ' '), {
      maxLength: 20,
    });
    fc.assert(
      fc.property(texts, fc.integer({ min: 2, max: 40 }), (parts, most) => {
        const clipped = clipText(parts.join(''), most);
        assert.ok(clipped.length <= most);
        assert.equal(Buffer.from(clipped).toString(), clipped);
      }),
    );
  });
});

it('charactersOf gives what a reader sees as one', () => {
  assert.deepEqual([...charactersOf(`a${FAMILY}e\u0301字`)], ['a', FAMILY, 'e\u0301', '字']);
});
