import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ColumnBatch } from '../../../contracts/table.js';
import { FeaturesConfig } from '../../../contracts/featureSettings.js';
import { Columns } from '../../../contracts/settings.js';
import { featureNames, fitFeaturizer, transform } from '../../../core/features/featurizer.js';
import { featurizerBatches, featurizerFromBatches } from '../../../core/features/store.js';
import { collect } from '../../../core/features/match/collection.js';
import { textComparer, TEXT_SIMILARITIES } from '../../../core/features/match/textSimilarity.js';
import { withinGroups } from '../../../core/features/match/withinGroups.js';

const close = (actual: number, expected: number, tolerance = 1e-12): void =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not ${expected}`);
const TITLES = ['red wool rug', 'red lamp', 'blue lamp 40w'];
const of = (left: string, right: string): Record<string, number> => {
  const values = textComparer(collect(TITLES))(left, right);
  return Object.fromEntries(TEXT_SIMILARITIES.map((name, f) => [name, values[f]!]));
};

describe('what a query and a title have in common', () => {
  it('is BM25 as Lucene has it', () => {
    // N = 3, mean length 8/3; red: in 2 titles, rug: in 1; both once in a title of 3 words.
    const idf = (df: number): number => Math.log(1 + (3 - df + 0.5) / (df + 0.5));
    const part = (df: number): number => (idf(df) * 2.2) / (1 + 1.2 * (0.25 + (0.75 * 3) / (8 / 3)));
    close(of('red rug', TITLES[0]!)['bm25']!, part(2) + part(1));
  });
  it('counts a word that no title has as the rarest', () => {
    close(of('teak rug', TITLES[0]!)['rarest left word missing']!, Math.log(1 + 3.5 / 0.5));
  });
  it('is a cosine of 1 for the same text, of 0 for nothing in common', () => {
    close(of('red lamp', 'red lamp')['tfidf cosine']!, 1);
    close(of('red lamp', 'red lamp')['character cosine']!, 1);
    assert.equal(of('sofa', 'red lamp')['tfidf cosine'], 0);
  });
  it('is the share of words, numbers and characters that are found', () => {
    const found = of('lamp 40w e27', 'blue lamp 40w');
    close(found['left words found']!, 2 / 3);
    close(found['left numbers found']!, 1 / 2);
    assert.equal(found['right numbers found'], 1);
    assert.equal(found['first word found'], 1);
  });
  it('finds a word that is spelt otherwise, and one that is written in one', () => {
    assert.ok(of('lampe', 'red lamp')['fuzzy left words found']! > 0.7);
    assert.equal(of('lamp 40 w', 'lamp 40w')['left without spaces found'], 1);
  });
});

describe('where a figure stands in its query', () => {
  it('is its distance from the best, and the share of others above it, ties in the middle', () => {
    const { belowBest, rank } = withinGroups(Float64Array.of(1, 5, 3, 3, 9), ['a', 'a', 'a', 'a', 'b']);
    assert.deepEqual([...belowBest], [-4, 0, -2, -2, 0]);
    assert.deepEqual([...rank], [1, 0, 1.5 / 3, 1.5 / 3, 0]);
  });
  it('is that of the only row where a row has no query', () => {
    const { belowBest, rank } = withinGroups(Float64Array.of(1, 2), [null, null]);
    assert.deepEqual([...belowBest, ...rank], [0, 0, 0, 0]);
  });
});

const columns = Columns.parse({ target: 'y', text: ['query', 'title', 'a', 'b'], group: 'q' });
const config = FeaturesConfig.parse({
  words: null,
  match: {
    pairs: [
      { left: 'query', right: 'title' },
      { left: 'a', right: 'b', as: 'attributes' },
      { left: 'a', right: 'b', as: 'category' },
      { left: 'p', right: 'r', as: 'number' },
    ],
  },
});
const batch: ColumnBatch = {
  rows: 3,
  columns: {
    query: ['red rug', 'red rug', 'lamp'],
    title: TITLES,
    a: ['colour: red; size: m', 'colour: red', 'x'],
    b: ['colour: red; size: l', 'shape: round', 'X '],
    p: Float64Array.of(10, NaN, 4),
    r: Float64Array.of(5, 3, 4),
    group: ['1', '1', '2'],
  },
};

describe('features of query × product', () => {
  const featurizer = fitFeaturizer([batch], columns, config);
  const dense = (given: ColumnBatch, made = featurizer): number[][] => {
    const { indptr, indices, values, rows } = transform(made, given);
    return Array.from({ length: rows }, (_, row) => {
      const all = new Array<number>(made.width).fill(0);
      for (let at = indptr[row]!; at < indptr[row + 1]!; at++) all[indices[at]!] = values[at]!;
      return all;
    });
  };
  const names = featureNames(featurizer);
  const column = (name: string): number[] => {
    const at = names.indexOf(name);
    const { offset, scale } = featurizer.blocks.flatMap(({ features }) => features)[at]!;
    return dense(batch).map((row) => row[at]! * scale + offset);
  };
  it('compare attribute lists by pairs and by the values of shared keys', () => {
    close(column('a × b: pairs found')[0]!, 1 / 2, 1e-6);
    close(column('a × b: values differ')[0]!, 1 / 2, 1e-6);
    close(column('a × b: values agree')[1]!, 0, 1e-6);
  });
  it('compare categories without case and space around', () => close(column('a × b: equal')[2]!, 1, 1e-6));
  it('compare numbers, and say where one is missing', () => {
    close(column('p × r: relative difference')[0]!, 0.5, 1e-6);
    assert.deepEqual(column('p × r: missing'), [0, 1, 0]);
  });
  it('have mean 0 and deviation 1 over the training rows', () => {
    const values = dense(batch).map((row) => row[names.indexOf('query × title: bm25')]!);
    close(
      values.reduce((sum, value) => sum + value, 0),
      0,
      1e-6,
    );
  });
  it('are the same of new rows after the featurizer was stored', () => {
    const stored = featurizerFromBatches(featurizerBatches(featurizer, 7));
    const fresh = { ...batch, columns: { ...batch.columns, title: ['red rug', 'a rug', 'lamp'] } };
    assert.deepEqual(dense(fresh, stored), dense(fresh));
  });
  it('of a query need its column, or to be left out', () => {
    const { group: _, ...others } = batch.columns;
    assert.throws(
      () => fitFeaturizer([{ rows: 3, columns: others }], columns, config),
      /dataset\.columns\.group/,
    );
  });
});
