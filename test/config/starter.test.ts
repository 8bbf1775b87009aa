import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { loadRunConfig } from '../../config/load.js';
import { starterConfig, type StarterInput } from '../../config/starter.js';

const input = (changes: Partial<StarterInput> = {}): StarterInput => ({
  name: 'tickets',
  task: 'classification',
  source: 'tickets.csv',
  columns: { target: 'intent', text: ['body'], attributes: [], numeric: ['price'], categorical: [] },
  ignored: [],
  rows: 5000,
  isWhole: false,
  classes: new Map([
    ['refund', 40],
    ['login', 30],
  ]),
  ...changes,
});
const loaded = (changes?: Partial<StarterInput>) =>
  loadRunConfig(starterConfig(input(changes)), { path: 'assay.yaml' });

describe('a first assay.yaml', () => {
  it('says what was found and what is learned', () => {
    const { dataset, model, name } = loaded();
    assert.equal(name, 'tickets');
    assert.deepEqual(dataset.columns.text, ['body']);
    assert.deepEqual(dataset.columns.numeric, ['price']);
    assert.equal(model.name, 'linear');
    assert.match(starterConfig(input()), /target: intent # what is learned: 2 classes \(login, refund\)/);
  });

  it('takes trees where there is no text', () => {
    const columns = { target: 'y', text: [], attributes: [], numeric: ['x'], categorical: ['shop'] };
    assert.equal(loaded({ columns }).model.name, 'trees');
  });

  const splits: { name: string; changes: Partial<StarterInput>; by: string }[] = [
    { name: 'a hash where there may be more rows', changes: {}, by: 'hash' },
    { name: 'exact shares of a small whole table', changes: { rows: 400, isWhole: true }, by: 'stratified' },
    {
      name: 'a hash of the group, however small the table',
      changes: { rows: 400, isWhole: true, columns: { ...input().columns, group: 'customer' } },
      by: 'hash',
    },
    {
      name: 'the sides that the data bring',
      changes: { split: { column: 'part', sides: { train: 'tr: 1', validation: 'dev', test: 'test' } } },
      by: 'column',
    },
  ];
  for (const { name, changes, by } of splits) {
    it(`splits by ${name}`, () => assert.equal(loaded(changes).dataset.split.by, by));
  }

  it('has fewer folds where a class is rare', () => {
    const classes = new Map([
      ['a', 4],
      ['b', 200],
    ]);
    assert.equal(loaded({ classes, isWhole: true, rows: 204 }).crossValidate.folds, 3);
    assert.equal(loaded().crossValidate.folds, 5);
  });

  it('names the columns that it leaves out', () => {
    const text = starterConfig(input({ ignored: [{ name: 'notes', reason: 'empty' }] }));
    assert.match(text, /# left out: notes \(empty\)/);
  });

  it('refuses a table with nothing to learn from', () => {
    const columns = { target: 'y', text: [], attributes: [], numeric: [], categorical: [] };
    assert.throws(() => starterConfig(input({ columns })), /no column is left to learn from/);
  });

  it('is valid and keeps every name, whatever columns and labels are called', () => {
    const word = fc.string({ minLength: 1, unit: 'grapheme' }).filter((text) => text.trim() === text);
    fc.assert(
      fc.property(fc.uniqueArray(word, { minLength: 4, maxLength: 4 }), word, (names, label) => {
        const [target, text, numeric, ignored] = names as [string, string, string, string];
        const { dataset } = loaded({
          columns: { target, text: [text], attributes: [], numeric: [numeric], categorical: [] },
          ignored: [{ name: ignored, reason: 'empty' }],
          classes: new Map([[label, 3]]),
        });
        assert.equal(dataset.columns.target, target);
        assert.deepEqual(dataset.columns.text, [text]);
        assert.deepEqual(dataset.columns.numeric, [numeric]);
      }),
      { numRuns: 300, seed: 5 },
    );
  });
});
