import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { loadRunConfig } from '../../config/load.js';

const load = (joins: string) =>
  loadRunConfig(
    `name: shop\ndataset:\n  source: a.csv\n  columns: { target: y, text: [t] }\n  joins: ${joins}\n`,
    { path: 'assay.yaml' },
  ).dataset.joins;

describe('dataset.joins of assay.yaml', () => {
  it('keep rows without a match and refuse repeated keys, unless told otherwise', () => {
    assert.deepEqual(load('[{ name: p, source: p.csv, on: sku }]'), [
      {
        ...{ name: 'p', source: 'p.csv', on: 'sku', encoding: 'utf-8', prefix: '' },
        ...{ unmatched: 'keep', duplicates: 'error' },
      },
    ]);
  });

  const refused: [name: string, joins: string, says: RegExp][] = [
    [
      'two tables of one name',
      '[{ name: p, source: p.csv, on: sku }, { name: p, source: q.csv, on: id }]',
      /5:\d+ dataset\.joins\.1\.name: "p" is taken/,
    ],
    ['a key of no column', '[{ name: p, source: p.csv, on: {} }]', /joins\.0\.on: expected at least one/],
    ['no key', '[{ name: p, source: p.csv }]', /dataset\.joins\.0\.on: is missing/],
    ['a built-in set', '[{ name: p, source: builtin:tiny, on: id }]', /a joined table is a file/],
    ['a name that is none', '[{ name: "P 1", source: p.csv, on: id }]', /lower-case letters/],
    [
      'a misspelt setting',
      '[{ name: p, source: p.csv, on: id, unmached: keep }]',
      /did you mean "unmatched"/,
    ],
    ['a policy that is none', '[{ name: p, source: p.csv, on: id, unmatched: drop }]', /found "drop"/],
  ];
  for (const [name, joins, says] of refused) {
    it(`refuse ${name}`, () => assert.throws(() => load(joins), says));
  }
});
