import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Condition, KnowledgeConfig, Rule } from '../../../contracts/knowledge.js';
import type { ColumnBatch } from '../../../contracts/table.js';
import { columnsOfRule, rowsOfRule } from '../../../core/knowledge/rules.js';

const batch: ColumnBatch = {
  rows: 5,
  columns: {
    title: ['Red RUG, large', 'rugged boots', 'area-rug', null, '优质地毯'],
    price: Float64Array.of(10, 20, NaN, 40, 50),
    shop: ['North', 'south', null, 'NORTH', 'east'],
  },
};
const rows = (condition: Condition): number[] => {
  const rule = Rule.parse({ name: 'r', if: condition, then: 'Rugs' });
  return [...rowsOfRule(rule, batch)].flatMap((fires, row) => (fires === 1 ? [row] : []));
};

const cases: { name: string; if: Condition; want: number[] }[] = [
  { name: 'contains: whole words, in any case', if: { column: 'title', contains: 'rug' }, want: [0, 2] },
  { name: 'contains: a phrase', if: { column: 'title', contains: 'rug large' }, want: [0] },
  { name: 'contains: any of several', if: { column: 'title', contains: ['boots', 'red'] }, want: [0, 1] },
  {
    name: 'contains: characters, in scripts without spaces',
    if: { column: 'title', contains: '地毯' },
    want: [4],
  },
  { name: 'equals: the whole cell, in any case', if: { column: 'shop', equals: 'north' }, want: [0, 3] },
  {
    name: 'above and below: both must hold, ends excluded',
    if: { column: 'price', above: 10, below: 50 },
    want: [1, 3],
  },
  { name: 'missing', if: { column: 'shop', missing: true }, want: [2] },
  { name: 'not missing', if: { column: 'price', missing: false }, want: [0, 1, 3, 4] },
  { name: 'not', if: { not: { column: 'title', contains: 'rug' } }, want: [1, 3, 4] },
  {
    name: 'all',
    if: {
      all: [
        { column: 'title', contains: 'rug' },
        { column: 'price', below: 99 },
      ],
    },
    want: [0],
  },
  {
    name: 'any',
    if: {
      any: [
        { column: 'shop', equals: 'east' },
        { column: 'price', below: 15 },
      ],
    },
    want: [0, 4],
  },
  {
    name: 'two levels deep',
    if: {
      all: [
        { any: [{ column: 'shop', equals: ['north', 'east'] }] },
        { not: { column: 'price', above: 45 } },
      ],
    },
    want: [0, 3],
  },
];
describe('a condition', () => {
  for (const { name, want, if: condition } of cases) it(name, () => assert.deepEqual(rows(condition), want));
});

it('names the columns that a rule looks at', () => {
  const condition = { all: [{ column: 'a', missing: true }, { not: { column: 'b', equals: 'x' } }] };
  assert.deepEqual(columnsOfRule(Rule.parse({ name: 'r', if: condition, then: 'x' })), ['a', 'b']);
});

it('is refused where a test asks nothing, a word is unknown, or it is code', () => {
  const refused = [
    { column: 'title' },
    { column: 'title', has: 'rug' },
    { all: [] },
    'title.includes("rug")',
    { column: 'title', contains: '' },
  ];
  for (const one of refused) {
    const rule = { name: 'r', if: one, then: 'Rugs' };
    assert.equal(KnowledgeConfig.safeParse({ rules: [rule] }).success, false, JSON.stringify(one));
  }
});

it('says which column is missing', () => {
  const rule = Rule.parse({ name: 'r', if: { column: 'colour', equals: 'red' }, then: 'x' });
  assert.throws(() => rowsOfRule(rule, batch), /feature column colour is missing/);
});
