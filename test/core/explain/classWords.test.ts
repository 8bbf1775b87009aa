import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { rowsByClass, wordShares } from '../../../core/explain/classWords.js';

const text = (...parts: readonly (readonly [string, number])[]) => ({
  parts: parts.map(([word, value]) => ({ text: word, value })),
  rest: [],
});

describe('words of a class', () => {
  it('are summed over texts, in lower case, and told by their mean where they stand', () => {
    const { toward, against } = wordShares(
      [text(['Lamp', 2], [' ', 0], ['rug', -1]), text(['lamp', 1], [' · ', 0.5], ['lamp', 1])],
      5,
    );
    // lamp: 2 in the first, 1 + 1 in the second; marks and spaces are no words.
    assert.deepEqual(toward, [{ word: 'lamp', value: 2, texts: 2 }]);
    assert.deepEqual(against, [{ word: 'rug', value: -1, texts: 1 }]);
  });

  it('have the strongest over all texts first, and no more than asked for', () => {
    const often = Array.from({ length: 4 }, () => text(['shade', 1], ['oak', -0.5]));
    const { toward, against } = wordShares([...often, text(['fjord', 3], ['foot', -1])], 1);
    assert.deepEqual(
      [toward, against].map((some) => some.map(({ word }) => word)),
      [['shade'], ['oak']], // 4 · 1 > 3, 4 · −½ < −1
    );
  });

  it('count features that are no text, and no tokens that no text has', () => {
    const { toward } = wordShares(
      [
        {
          parts: [],
          rest: [
            { name: 'brand = Orbit', value: 1 },
            { name: '[CLS]', value: 9 },
          ],
        },
      ],
      5,
    );
    assert.deepEqual(
      toward.map(({ word }) => word),
      ['brand = orbit'],
    );
  });

  it('may be of any script', () => {
    const { toward } = wordShares([text(['灯', 1], ['،', 2], ['مصباح', 0.5])], 5);
    assert.deepEqual(
      toward.map(({ word }) => word),
      ['灯', 'مصباح'],
    );
  });
});

describe('rows to be taken apart', () => {
  // Rows 0, 1, 2 are said to be of class 0, row 3 of class 1, none of class 2.
  const probabilities = Float64Array.of(
    ...[0.5, 0.3, 0.2],
    ...[0.9, 0.05, 0.05],
    ...[0.6, 0.1, 0.3],
    ...[0.2, 0.7, 0.1],
  );

  it('are those of a class, the nearest others, and the surest one; frequent classes first', () => {
    assert.deepEqual(rowsByClass(probabilities, 3, 2), [
      { code: 0, own: [0, 2], near: [3], typical: 1 },
      { code: 1, own: [3], near: [0], typical: 3 },
    ]);
  });

  it('are all of a class that has few', () => {
    assert.deepEqual(rowsByClass(probabilities, 3, 10)[0]!.own, [0, 1, 2]);
  });
});
