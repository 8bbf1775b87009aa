import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FeaturesConfig } from '../../../contracts/featureSettings.js';
import { Columns } from '../../../contracts/settings.js';
import type { ColumnBatch } from '../../../contracts/table.js';
import { featureNames, transform } from '../../../core/features/featurizer.js';
import { fitInputs } from '../../../core/features/inputs.js';
import { featurizerBatches, featurizerFromBatches } from '../../../core/features/store.js';

const columns = Columns.parse({ target: 'label', text: ['title'], numeric: ['price'] });
const batch: ColumnBatch = {
  rows: 6,
  columns: {
    title: ['red shoe', 'blue shoe', 'old shoe', 'red hat', 'blue hat', 'old hat'],
    price: Float64Array.of(1, 2, 3, 4, 5, 6),
  },
};
const training = { targets: Int32Array.of(0, 0, 0, 1, 1, 1), outputs: 2, seed: 1 };
const plan = { input: 'sparse', tokenizer: 'words' } as const;
const fit = (features: object) =>
  fitInputs(
    [batch],
    columns,
    FeaturesConfig.parse({ words: { ngrams: [1, 1], minDocumentFrequency: 1 }, ...features }),
    plan,
    training,
  );

it('selection keeps the words that tell the class, and every number', () => {
  const featurizer = fit({ select: { method: 'chi2', features: 2 } });
  assert.deepEqual(featureNames(featurizer), ['hat', 'shoe', 'price']);
  assert.equal(featurizer.width, 3);
  const matrix = transform(featurizer, batch);
  assert.deepEqual([matrix.cols, ...matrix.indices.subarray(0, 2)], [3, 1, 2]);
});

it('projections come after it, one after the other', () => {
  const featurizer = fit({
    select: { features: 4 },
    reduce: [{ method: 'svd', components: 3 }, { method: 'lda' }],
  });
  assert.deepEqual(featureNames(featurizer), ['lda 1']);
  const { values } = transform(featurizer, batch);
  const mean = (from: number): number =>
    values.slice(from, from + 3).reduce((sum, value) => sum + value / 3, 0);
  assert.ok(Math.abs(mean(0) - mean(3)) > 1, 'in units of the scatter within a class');
});

describe('the stored featurizer', () => {
  const cases = [
    { name: 'a selection', features: { select: { features: 2 } } },
    { name: 'a projection', features: { reduce: [{ method: 'pca', components: 2 }] } },
    {
      name: 'both',
      features: { select: { method: 'mutual_info', features: 3 }, reduce: [{ method: 'svd' }] },
    },
  ];
  for (const { name, features } of cases) {
    it(`comes back the same with ${name}, whatever batches it is read in`, () => {
      const featurizer = fit(features);
      const restored = featurizerFromBatches(featurizerBatches(featurizer, 2));
      assert.deepEqual(restored, featurizer);
      assert.deepEqual(transform(restored, batch), transform(featurizer, batch));
    });
  }

  it('keeps the loadings of a component that no single row can hold', () => {
    const vector = Float64Array.from({ length: 300_000 }, (_, i) => Math.sin(i));
    const feature = { column: '', term: 'svd 1', offset: 0, scale: 1 };
    const step = { kind: 'project', columns: [], settings: {}, features: [feature], vectors: [vector] };
    const parts = [...featurizerBatches({ blocks: [], steps: [step], width: 1 }, 2)];
    assert.equal(
      parts.reduce((sum, { rows }) => sum + rows, 0),
      4,
    ); // its own row, and three of at most 1 MiB
    assert.deepEqual(featurizerFromBatches(parts).steps, [step]);
  });

  it('is read from tables that were written before there were steps', () => {
    const featurizer = fit({});
    const parts = [...featurizerBatches(featurizer)].map(({ rows, columns: { vector, ...old } }) => {
      assert.ok(vector);
      return { rows, columns: old };
    });
    assert.deepEqual(featurizerFromBatches(parts), featurizer);
  });
});

it('asks for the targets that it selects by', () => {
  const config = FeaturesConfig.parse({ select: {} });
  assert.throws(() => fitInputs([batch], columns, config, plan), /need the targets of the training rows/);
});
