import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FeaturesConfig } from '../../../contracts/featureSettings.js';
import { Columns } from '../../../contracts/settings.js';
import type { ColumnBatch } from '../../../contracts/table.js';
import {
  featureNames,
  fitFeaturizer,
  selectableFeatures,
  transform,
} from '../../../core/features/featurizer.js';
import {
  FEATURIZER_COLUMNS,
  featurizerBatches,
  featurizerFromBatches,
} from '../../../core/features/store.js';

const columns = Columns.parse({
  target: 'label',
  text: ['title', 'body'],
  attributes: ['specs'],
  numeric: ['price'],
  categorical: ['shop'],
});
const config = FeaturesConfig.parse({ words: { ngrams: [1, 1], minDocumentFrequency: 1 } });
const batch: ColumnBatch = {
  rows: 4,
  columns: {
    title: ['red shoe', 'blue shoe', null, 'hat'],
    body: ['soft', null, null, 'soft'],
    specs: ['Colour: Red; new', 'colour: blue', null, 'new'],
    price: Float64Array.of(1, 3, Number.NaN, 5),
    shop: ['north', 'north', null, 'south'],
  },
};
const featurizer = fitFeaturizer([batch], columns, config);

/** A row as name -> value. */
function rowOf(rows: ColumnBatch, row: number): Record<string, number> {
  const names = featureNames(featurizer);
  const { indptr, indices, values } = transform(featurizer, rows);
  const entries: [string, number][] = [];
  for (let p = indptr[row]!; p < indptr[row + 1]!; p++) entries.push([names[indices[p]!]!, values[p]!]);
  return Object.fromEntries(entries);
}

it('names every feature, block after block', () => {
  assert.deepEqual(featureNames(featurizer), [
    ...['blue', 'hat', 'red', 'shoe', 'soft'],
    ...['colour', 'new'],
    ...['price', 'price is missing'],
    ...['shop: north', 'shop: (other)'],
  ]);
  assert.equal(featurizer.width, 11);
});

it('scales numbers by mean and deviation of training, and marks the missing ones', () => {
  const deviation = Math.sqrt(8 / 3); // of 1, 3, 5
  assert.equal(rowOf(batch, 0)['price'], Math.fround(-2 / deviation));
  assert.deepEqual(rowOf(batch, 2), { 'price is missing': 1, 'shop: (other)': 1 });
});

it('gives attributes length 1, and rare and unknown categories one feature', () => {
  const row = rowOf(batch, 0);
  assert.equal(row['colour'], Math.fround(Math.SQRT1_2));
  assert.equal(row['new'], Math.fround(Math.SQRT1_2));
  assert.equal(row['shop: north'], 1);
  assert.equal(rowOf(batch, 3)['shop: (other)'], 1);
});

it('depends on training rows only', () => {
  const other: ColumnBatch = {
    rows: 1,
    columns: {
      title: ['unseen'],
      body: ['soft'],
      specs: ['size: 9'],
      price: Float64Array.of(3),
      shop: ['east'],
    },
  };
  assert.deepEqual(rowOf(other, 0), { soft: 1, 'shop: (other)': 1 });
});

it('comes back from its table the same', () => {
  const parts = [...featurizerBatches(featurizer, 3)];
  assert.deepEqual(
    Object.keys(parts[0]!.columns),
    FEATURIZER_COLUMNS.map(({ name }) => name),
  );
  const restored = featurizerFromBatches(parts);
  assert.deepEqual(restored, featurizer);
  assert.deepEqual(transform(restored, batch), transform(featurizer, batch));
});

it('refuses a table that is something else', () => {
  const rows = { rows: 1, columns: { a: ['x'] } };
  assert.throws(
    () => featurizerFromBatches([rows]),
    /expected block, index, column, term, offset, scale, vector, got a/,
  );
});

describe('script', () => {
  const chinese: ColumnBatch = { rows: 2, columns: { title: ['质量好', '质量差'] } };
  const onlyText = Columns.parse({ target: 'label', text: ['title'] });
  const cases = [
    { script: 'auto', want: ['质', '质量', '量'] },
    { script: 'words', want: [] },
    { script: 'characters', want: ['质', '质量', '量'] },
  ] as const;
  for (const { script, want } of cases) {
    it(`cuts Chinese by ${script}`, () => {
      const fitted = fitFeaturizer([chinese], onlyText, FeaturesConfig.parse({ script }));
      assert.deepEqual(featureNames(fitted), want);
    });
  }
});

it('says which column is missing', () => {
  assert.throws(
    () => transform(featurizer, { rows: 1, columns: { title: ['a'] } }),
    /feature column body is missing/,
  );
});

describe('hashed words', () => {
  const hashing = FeaturesConfig.parse({
    words: { buckets: 32 },
    characters: { ngrams: [2, 2], buckets: 8 },
  });
  const both = fitFeaturizer([batch], columns, hashing);

  it('are as many features as buckets, before those of other columns, and learn nothing', () => {
    assert.equal(both.width, 40 + featurizer.width - 5);
    assert.deepEqual(featureNames(both).slice(30, 33), [
      'title+body: #30',
      'title+body: #31',
      'title+body: #0',
    ]);
    const [learned, untaught] = [both, fitFeaturizer([], columns, hashing)];
    assert.deepEqual(untaught.blocks.slice(0, 2), learned.blocks.slice(0, 2));
  });

  it('are stored as their settings alone, and hash alike when they come back', () => {
    const parts = [...featurizerBatches(both)];
    assert.equal(
      parts.reduce((sum, { rows }) => sum + rows, 0),
      both.blocks.length + featurizer.width - 5,
    );
    const again = featurizerFromBatches(parts);
    assert.deepEqual(again, both);
    assert.deepEqual(transform(again, batch), transform(both, batch));
  });

  it('give a word that training never saw its place', () => {
    const only = fitFeaturizer([batch], Columns.parse({ target: 'label', text: ['title'] }), hashing);
    const { values } = transform(only, { rows: 1, columns: { title: ['zebra'] } });
    assert.ok(values.length > 0);
  });

  it('are left alone by selection, which counts what is in a feature', () => {
    assert.equal(selectableFeatures(both).slice(0, 40).includes(1), false);
    assert.equal(selectableFeatures(both).length, both.width);
  });
});

describe('categories of very many values', () => {
  const many = FeaturesConfig.parse({ ...config, categorical: { buckets: 64 } });
  const shops = Columns.parse({ target: 'label', categorical: ['shop'] });
  const hashing = fitFeaturizer([batch], shops, many);

  it('are hashed into as many features as were asked for, values of other rows too', () => {
    assert.equal(hashing.width, 64);
    assert.equal(featureNames(hashing)[3], 'shop: #3');
    const { values } = transform(hashing, { rows: 2, columns: { shop: ['never seen', 'north'] } });
    assert.equal(values.length, 2);
  });

  it('are hashed alike by the stored featurizer', () => {
    const again = featurizerFromBatches([...featurizerBatches(hashing)]);
    assert.deepEqual(transform(again, batch), transform(hashing, batch));
  });
});
