import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FeaturesConfig } from '../../../contracts/featureSettings.js';
import { Columns } from '../../../contracts/settings.js';
import type { ColumnBatch } from '../../../contracts/table.js';
import { featureNames, fitFeaturizer, inputColumns, transform } from '../../../core/features/featurizer.js';
import { featurizerBatches, featurizerFromBatches } from '../../../core/features/store.js';
import { loadRunConfig } from '../../../config/load.js';

const columns = Columns.parse({ target: 'y', numeric: ['price'], group: 'q' });
const config = FeaturesConfig.parse({ numeric: { scale: 'none', inQuery: true } });
/** Prices 10, 30, 30 and none in one query, 5 in another, 8 in none. */
const batch: ColumnBatch = {
  rows: 6,
  columns: {
    price: Float64Array.of(10, 30, 30, NaN, 5, 8),
    group: ['a', 'a', 'a', 'a', 'b', null],
  },
};

describe('numbers among those of their query', () => {
  const featurizer = fitFeaturizer([batch], columns, config);
  const dense = (given: ColumnBatch, made = featurizer): number[][] => {
    const { indptr, indices, values, rows } = transform(made, given);
    return Array.from({ length: rows }, (_, row) => {
      const all = new Array<number>(made.width).fill(0);
      for (let at = indptr[row]!; at < indptr[row + 1]!; at++) all[indices[at]!] = values[at]!;
      return all;
    });
  };
  const unscaled = (name: string): number[] => {
    const at = featureNames(featurizer).indexOf(name);
    const { offset, scale } = featurizer.blocks.flatMap(({ features }) => features)[at]!;
    return dense(batch).map((row) => Number((row[at]! * scale + offset).toFixed(5)) + 0);
  };

  it('have their distance from the highest and their rank, ties sharing places', () => {
    const { features } = featurizer.blocks.find(({ kind }) => kind === 'numericInQuery')!;
    // Known values of the distance: −20, 0, 0, 0, 0, of the rank: 1, ¼, ¼, 0, 0.
    assert.ok(Math.abs(features[0]!.offset + 20 / 5) < 1e-12);
    assert.ok(Math.abs(features[1]!.offset - 1.5 / 5) < 1e-12);
    assert.deepEqual(unscaled('price: below the best'), [-20, 0, 0, -4, 0, 0]);
    assert.deepEqual(unscaled('price: rank'), [1, 0.25, 0.25, 0.3, 0, 0]); // a missing one is as the mean
  });

  it('stand beside the numbers themselves', () =>
    assert.deepEqual(featureNames(featurizer), [
      ...['price', 'price is missing', 'price: below the best', 'price: rank'],
    ]));

  it('are the same after the featurizer was stored, and ask for the query', () => {
    const stored = featurizerFromBatches(featurizerBatches(featurizer, 2));
    assert.deepEqual(dense(batch, stored), dense(batch));
    assert.deepEqual(inputColumns(stored), ['price', 'group']);
  });

  it('are left out unless asked for', () =>
    assert.deepEqual(featureNames(fitFeaturizer([batch], columns, FeaturesConfig.parse({}))), [
      'price',
      'price is missing',
    ]));

  it('need a table with queries', () => {
    const { price } = batch.columns;
    const alone = { rows: 6, columns: { price: price! } };
    assert.throws(
      () => fitFeaturizer([alone], columns, config),
      /features\.numeric\.inQuery compares the rows of a query/,
    );
  });
});

describe('the setting of numbers in a query', () => {
  const load = (more: string) =>
    loadRunConfig(
      `name: shop\ndataset: { source: a.csv, columns: { target: y, ${more} } }\nfeatures: { numeric: { inQuery: true } }\n`,
      { path: 'assay.yaml' },
    );
  it('is refused without a query', () =>
    assert.throws(
      () => load('numeric: [price]'),
      /features\.numeric\.inQuery: compares the rows of a query; name its column/,
    ));
  it('is refused without a number', () =>
    assert.throws(() => load('text: [title], group: q'), /dataset\.columns\.numeric names no column/));
});
