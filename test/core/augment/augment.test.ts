import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { AugmentConfig } from '../../../contracts/featureSettings.js';
import { attributeFiller } from '../../../core/augment/attributes.js';
import { augmentRows } from '../../../core/augment/augment.js';
import { altered } from '../../../core/augment/words.js';
import { seeded } from '../../../core/random.js';

const none = { replace: 0, drop: 0, swap: 0 };
const words = (text: string): string[] => text.split(' ').sort();

describe('a text', () => {
  const cases = [
    { name: 'stays as it is where nothing is to happen', changes: none, text: 'red  shoe', want: 'red shoe' },
    {
      name: 'has every word with a synonym replaced at a chance of 1',
      changes: { ...none, replace: 1 },
      text: 'Red shoe',
      want: 'crimson shoe',
    },
    {
      name: 'keeps one word, whatever is dropped',
      changes: { ...none, drop: 1 },
      text: 'red shoe',
      want: 'red',
    },
    {
      name: 'has its first word carried to the end at a chance of 1',
      changes: { ...none, swap: 1 },
      text: 'a b c',
      want: 'b c a',
    },
    {
      name: 'is changed by characters, in scripts without spaces',
      changes: { ...none, swap: 1 },
      text: '质量好',
      want: '量好质',
    },
    { name: 'may be empty', changes: { replace: 1, drop: 1, swap: 1 }, text: '', want: '' },
  ];
  const synonyms = new Map([['red', ['crimson']]]);
  for (const { name, changes, text, want } of cases)
    it(name, () => assert.equal(altered(text, changes, synonyms, seeded(1)), want));

  it('has the same words after any swaps', () => {
    const texts = fc.array(fc.constantFrom('a', 'bb', 'ccc', 'd'), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(texts, fc.integer(), (list, seed) => {
        const text = list.join(' ');
        assert.deepEqual(words(altered(text, { ...none, swap: 0.5 }, new Map(), seeded(seed))), words(text));
      }),
    );
  });
});

describe('missing attributes', () => {
  const fill = attributeFiller(['Colour: Red; Size: 9', 'colour', 'Colour: Blue', null]);
  const cases = [
    { name: 'are filled in from the text', list: null, text: 'a RED shoe', want: 'Colour: Red' },
    {
      name: 'come after those that are there',
      list: 'Size: 9',
      text: 'blue hat',
      want: 'Size: 9; Colour: Blue',
    },
    { name: 'stay missing where the text says two things', list: null, text: 'red and blue', want: null },
    { name: 'are not looked for in parts of words', list: null, text: 'a reddish shoe', want: null },
    {
      name: 'with short values are not looked for',
      list: 'Colour: Red',
      text: 'size 9',
      want: 'Colour: Red',
    },
    {
      name: 'that are there stay as they are',
      list: 'Colour: Green',
      text: 'a red shoe',
      want: 'Colour: Green',
    },
  ];
  for (const { name, list, text, want } of cases) it(name, () => assert.equal(fill(list, text), want));
});

describe('copies of rows', () => {
  const batch = {
    rows: 3,
    columns: {
      id: ['a', 'b', 'c'],
      title: ['red shoe', 'hat', 'running shoe'],
      specs: ['Colour: Red', 'Colour: Blue', 'Colour: Red'],
    },
  };
  const columns = { text: ['title'], attributes: ['specs'] };
  const config = (given: object) => AugmentConfig.parse({ drop: 0, swap: 0, replace: 1, ...given });
  const facts = [['Sneakers', 'called', 'shoe']] as [string, string, string][];

  it('are left out where they came out unchanged, and say what they are copies of', () => {
    const { batch: made, origins } = augmentRows(batch, columns, config({ synonyms: { red: ['crimson'] } }), {
      facts: [],
      seed: 1,
    });
    assert.deepEqual([...origins], [0]);
    assert.deepEqual(made.columns['title'], ['crimson shoe']);
    assert.deepEqual(made.columns['id'], ['a']);
  });
  it('take names of the graph as synonyms', () => {
    const { batch: made, origins } = augmentRows(batch, columns, config({}), { facts, seed: 1 });
    assert.deepEqual([...origins], [0, 2]);
    assert.deepEqual(made.columns['title'], ['red Sneakers', 'running Sneakers']);
  });
  it('depend on their own row alone', () => {
    const random = config({ swap: 0.5, copies: 3 });
    const all = augmentRows(batch, columns, random, { facts: [], seed: 4 });
    const one = { rows: 1, columns: { id: ['c'], title: ['running shoe'], specs: ['Colour: Red'] } };
    const alone = augmentRows(one, columns, random, { facts: [], seed: 4 });
    const own = (all.batch.columns['title'] as string[]).filter((_, i) => all.origins[i] === 2);
    assert.deepEqual(alone.batch.columns['title'], own);
    assert.ok(own.length > 0);
  });
});
