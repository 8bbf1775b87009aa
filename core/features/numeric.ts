import { RowBuilder, type BlockKind, type Feature } from './block.js';
import { numberColumn } from './columns.js';

export interface NumericSettings {
  readonly scale: 'standard' | 'none';
}

/**
 * (value − offset) / scale: mean and population standard deviation of the training rows, or 0 and 1. A missing value
 * is 0 after scaling; a column with missing values in training has a second feature, `missing`, 1 where it is.
 */
export const numeric: BlockKind<NumericSettings> = {
  kind: 'numeric',
  fit(batches, columns, { scale }) {
    const features = columns.flatMap((column): Feature[] => {
      const moments = momentsOf(batches.map((batch) => numberColumn(batch, column)));
      const scaled = scale === 'standard' ? moments : { mean: 0, deviation: 1 };
      const value = { column, term: 'value', offset: scaled.mean, scale: scaled.deviation };
      return moments.missing === 0 ? [value] : [value, { column, term: 'missing', offset: 0, scale: 1 }];
    });
    return { kind: 'numeric', columns, settings: {}, features };
  },
  transformer({ features }) {
    return (batch) => {
      const columns = features.map(({ column }) => numberColumn(batch, column));
      const rows = new RowBuilder();
      for (let row = 0; row < batch.rows; row++) {
        features.forEach(({ term, offset, scale }, feature) => {
          const value = columns[feature]![row]!;
          const missing = Number.isNaN(value);
          const out = term === 'missing' ? Number(missing) : missing ? 0 : (value - offset) / scale;
          if (out !== 0) rows.add(feature, out);
        });
        rows.endRow();
      }
      return rows.build(features.length);
    };
  },
};

/** Mean and deviation in two passes in row order, so that they are the same wherever they are taken. */
function momentsOf(parts: readonly Float64Array[]) {
  let [count, missing, sum, squares] = [0, 0, 0, 0];
  for (const part of parts) {
    for (const value of part) {
      if (Number.isNaN(value)) missing++;
      else {
        count++;
        sum += value;
      }
    }
  }
  const mean = count > 0 ? sum / count : 0;
  for (const part of parts) {
    for (const value of part) if (!Number.isNaN(value)) squares += (value - mean) ** 2;
  }
  const deviation = count > 0 ? Math.sqrt(squares / count) : 0;
  return { mean, deviation: deviation > 0 ? deviation : 1, missing };
}
