import { DataError } from '../../contracts/errors.js';
import type { ColumnBatch } from '../../contracts/table.js';
import { parseVector } from '../ingest/values.js';
import { RowBuilder, type BlockKind, type Feature } from './block.js';
import { textColumn } from './columns.js';

export interface VectorSettings {
  readonly width: number;
  readonly scale: 'unit' | 'standard' | 'none';
}

const MISSING = 'missing';

/**
 * Numbers of vectors that others made (of images, of texts): each vector to length 1, beside texts whose rows have length
 * 1 too; or (value − mean) / standard deviation of the training rows; or as they are. A missing vector is zeros; where
 * training has some there is a feature more, `missing`, 1 where it is.
 */
export const vector: BlockKind<VectorSettings> = {
  kind: 'vector',
  learner(columns, { width, scale }) {
    const isStandard = scale === 'standard';
    const moments = columns.map(() => new Moments(width));
    return {
      passes: isStandard ? 3 : 1,
      add(batch, pass) {
        columns.forEach((column, c) => moments[c]!.add(vectorColumn(batch, column, width), pass));
      },
      block() {
        const features = columns.flatMap((column, c): Feature[] => {
          const { means, deviations, someMissing } = moments[c]!;
          const numbers = Array.from({ length: width }, (_, at): Feature => ({
            column,
            term: String(at),
            offset: isStandard ? means[at]! : 0,
            scale: isStandard ? deviations[at]! : 1,
          }));
          return someMissing ? [...numbers, { column, term: MISSING, offset: 0, scale: 1 }] : numbers;
        });
        return { kind: 'vector', columns, settings: { width, scale }, features };
      },
    };
  },
  transformer({ columns, settings, features }) {
    const width = Number(settings['width']);
    return (batch) => {
      const rows = new RowBuilder();
      const found = columns.map((column) => vectorColumn(batch, column, width));
      const lengths = found.map((one) => (settings['scale'] === 'unit' ? lengthsOf(one, width) : undefined));
      const places = features.map(({ column }) => columns.indexOf(column));
      for (let row = 0; row < batch.rows; row++) {
        features.forEach(({ term, offset, scale }, feature) => {
          const { values, missing } = found[places[feature]!]!;
          const own = lengths[places[feature]!]?.[row] ?? 1;
          if (term === MISSING) rows.add(feature, missing[row]!);
          else if (missing[row] === 0)
            rows.add(feature, (values[row * width + Number(term)]! - offset) / (scale * own));
        });
        rows.endRow();
      }
      return rows.build(features.length);
    };
  },
};

/** Vectors of a column, row-major, and which rows have none. */
interface Vectors {
  readonly values: Float64Array; // (rows × width,), 0 where missing
  readonly missing: Uint8Array; // (rows,)
}

/** @throws DataError that names the row and what is wrong with its vector */
function vectorColumn(batch: ColumnBatch, name: string, width: number): Vectors {
  const values = new Float64Array(batch.rows * width);
  const missing = new Uint8Array(batch.rows);
  textColumn(batch, name).forEach((text, row) => {
    if (text === null || text.trim() === '') {
      missing[row] = 1;
      return;
    }
    const parsed = parseVector(text, width);
    if ('reason' in parsed) {
      const ids = batch.columns['id'];
      const which = Array.isArray(ids) ? `row "${String(ids[row])}"` : `row ${row + 1}`;
      throw new DataError(`column ${name}, ${which}: ${parsed.reason}`);
    }
    values.set(parsed, row * width);
  });
  return { values, missing };
}

/** Length of each row's vector; 1 where it is nothing but zeros. */
function lengthsOf({ values, missing }: Vectors, width: number): Float64Array {
  return Float64Array.from(missing, (_, row) => {
    let squares = 0;
    for (let at = row * width; at < (row + 1) * width; at++) squares += values[at]! ** 2;
    return squares > 0 ? Math.sqrt(squares) : 1;
  });
}

/** Mean and population standard deviation of each number over the rows that have a vector, in row order: pass by pass. */
class Moments {
  readonly means: Float64Array;
  someMissing = false;
  readonly #variances: Float64Array;
  #count = 0;

  constructor(private readonly width: number) {
    this.means = new Float64Array(width);
    this.#variances = new Float64Array(width);
  }

  add(vectors: Vectors, pass: number): void {
    const [means, variances] = [this.means, this.#variances];
    if (pass === 0) this.#countUp(vectors);
    else if (pass === 1) this.#each(vectors, (value, at) => (means[at]! += value / this.#count));
    else this.#each(vectors, (value, at) => (variances[at]! += (value - means[at]!) ** 2 / this.#count));
  }

  get deviations(): Float64Array {
    return this.#variances.map((variance) => (variance > 0 ? Math.sqrt(variance) : 1));
  }

  #countUp({ missing }: Vectors): void {
    const without = missing.reduce((sum, one) => sum + one, 0);
    this.#count += missing.length - without;
    this.someMissing ||= without > 0;
  }

  #each({ values, missing }: Vectors, take: (value: number, at: number) => void): void {
    missing.forEach((isMissing, row) => {
      if (isMissing === 1) return;
      for (let at = 0; at < this.width; at++) take(values[row * this.width + at]!, at);
    });
  }
}
