import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CleanConfig, Columns } from '../../../contracts/settings.js';
import type { ColumnBatch } from '../../../contracts/table.js';
import { cleanTable } from '../../../core/cleaning/cleanTable.js';
import { treat, treatmentOf } from '../../../core/cleaning/treatment.js';
import { WorkTable } from '../../../core/cleaning/workTable.js';

const columns = Columns.parse({
  target: 'label',
  numeric: ['price'],
  categorical: ['colour'],
  group: 'query',
});
const clean = CleanConfig.parse({
  outliers: [{ column: 'price', method: 'iqr', factor: 1, action: 'clip' }],
  missing: { price: 'impute', colour: 'impute' },
  exactDuplicates: 'keep',
});
const prices = [1, 2, 3, 4, 100, NaN];
const colours = ['red', 'red', 'blue', null, 'red', 'red'];

/** Six training rows. */
const table = (): WorkTable => {
  const utf8 = ['id', 'split', 'target', 'colour'].map((name) => ({ name, type: 'utf8' as const }));
  const batch: ColumnBatch = {
    rows: 6,
    columns: {
      id: ['a', 'b', 'c', 'd', 'e', 'f'],
      split: prices.map(() => 'train'),
      target: ['x', 'y', 'x', 'y', 'x', 'y'],
      colour: [...colours],
      price: Float64Array.from(prices),
    },
  };
  return new WorkTable([...utf8, { name: 'price', type: 'float64' as const }], [batch]);
};

describe('treatment of rows', () => {
  const cleaned = table();
  const figures = cleanTable(cleaned, columns, clean);

  it('keeps what cleaning had fitted', () => {
    // Quartiles of 1, 2, 3, 4, 100 are 2 and 4: limits 2 − 2 and 4 + 2; the median after clipping is 3.
    assert.deepEqual(treatmentOf(columns, clean, figures), {
      clip: [{ column: 'price', low: 0, high: 6 }],
      fill: [
        { column: 'price', value: 3 },
        { column: 'colour', value: 'red' },
      ],
    });
  });

  it('does to raw rows what cleaning did to them', () => {
    const raw: ColumnBatch = { rows: 6, columns: { price: Float64Array.from(prices), colour: colours } };
    const treated = treat(raw, treatmentOf(columns, clean, figures));
    assert.deepEqual([...(treated.columns['price'] as Float64Array)], [1, 2, 3, 4, 6, 3]);
    assert.deepEqual(treated.columns['colour'], ['red', 'red', 'blue', 'red', 'red', 'red']);
    for (let row = 0; row < 6; row++) {
      assert.equal(String((treated.columns['price'] as Float64Array)[row]), cleaned.cell('price', row));
      assert.equal((treated.columns['colour'] as string[])[row], cleaned.cell('colour', row));
    }
    assert.ok(Number.isNaN((raw.columns['price'] as Float64Array)[5]), 'the raw rows stay as they are');
  });

  const without = [
    { name: 'outliers that are dropped', clean: { outliers: [{ column: 'price', action: 'drop' }] } },
    { name: 'columns that are no features', clean: { missing: { query: 'impute', label: 'impute' } } },
    { name: 'missing values that stay', clean: { missing: { price: 'keep' } } },
    { name: 'limits that could not be fitted', clean: { outliers: [{ column: 'other', action: 'clip' }] } },
  ];
  for (const { name, clean: rules } of without) {
    it(`says nothing of ${name}`, () => {
      const fitted = { 'price.low': 0, 'price.high': 6, 'query.imputed': 'q', 'label.imputed': 'x' };
      assert.deepEqual(treatmentOf(columns, CleanConfig.parse(rules), fitted), { clip: [], fill: [] });
    });
  }

  it('leaves a batch as it is where there is nothing to do', () => {
    const batch = { rows: 0, columns: {} };
    assert.equal(treat(batch, { clip: [], fill: [] }), batch);
  });
});
