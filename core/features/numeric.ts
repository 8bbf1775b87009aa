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
  learner(columns, { scale }) {
    const moments = columns.map(() => new Moments());
    return {
      passes: scale === 'standard' ? 2 : 1,
      add(batch, pass) {
        columns.forEach((column, c) => moments[c]!.add(numberColumn(batch, column), pass));
      },
      block() {
        const features = columns.flatMap((column, c): Feature[] => {
          const { mean, deviation, missing } = moments[c]!;
          const scaled = scale === 'standard' ? { offset: mean, scale: deviation } : { offset: 0, scale: 1 };
          const value = { column, term: 'value', ...scaled };
          return missing === 0 ? [value] : [value, { column, term: 'missing', offset: 0, scale: 1 }];
        });
        return { kind: 'numeric', columns, settings: {}, features };
      },
    };
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

/** Mean and deviation of what is not NaN, in two passes in row order, so that they are the same wherever they are taken. */
export class Moments {
  missing = 0;
  #count = 0;
  #sum = 0;
  #squares = 0;

  add(values: Float64Array, pass: number): void {
    if (pass === 0) this.#sumUp(values);
    else this.#spread(values);
  }

  get mean(): number {
    return this.#count > 0 ? this.#sum / this.#count : 0;
  }

  /** Of the population; 1 where all values are alike. */
  get deviation(): number {
    const deviation = this.#count > 0 ? Math.sqrt(this.#squares / this.#count) : 0;
    return deviation > 0 ? deviation : 1;
  }

  #sumUp(values: Float64Array): void {
    for (const value of values) {
      if (Number.isNaN(value)) this.missing++;
      else {
        this.#count++;
        this.#sum += value;
      }
    }
  }

  #spread(values: Float64Array): void {
    const { mean } = this;
    for (const value of values) if (!Number.isNaN(value)) this.#squares += (value - mean) ** 2;
  }
}
