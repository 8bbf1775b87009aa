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
  fit(batches, columns, { width, scale }) {
    const features = columns.flatMap((column): Feature[] => {
      const found = batches.map((batch) => vectorColumn(batch, column, width));
      const moments = momentsOf(found, width);
      const numbers = Array.from({ length: width }, (_, at): Feature => ({
        column,
        term: String(at),
        offset: scale === 'standard' ? moments.means[at]! : 0,
        scale: scale === 'standard' ? moments.deviations[at]! : 1,
      }));
      const some = found.some(({ missing }) => missing.includes(1));
      return some ? [...numbers, { column, term: MISSING, offset: 0, scale: 1 }] : numbers;
    });
    return { kind: 'vector', columns, settings: { width, scale }, features };
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

/** Mean and population standard deviation of each number over the rows that have a vector, in two passes in row order. */
function momentsOf(parts: readonly Vectors[], width: number) {
  const means = new Float64Array(width);
  const squares = new Float64Array(width);
  let count = 0;
  const each = (take: (value: number, at: number) => void): void => {
    for (const { values, missing } of parts)
      missing.forEach((isMissing, row) => {
        if (isMissing === 1) return;
        for (let at = 0; at < width; at++) take(values[row * width + at]!, at);
      });
  };
  for (const { missing } of parts) count += missing.length - missing.reduce((sum, one) => sum + one, 0);
  each((value, at) => (means[at]! += value / count));
  each((value, at) => (squares[at]! += (value - means[at]!) ** 2 / count));
  return { means, deviations: squares.map((variance) => (variance > 0 ? Math.sqrt(variance) : 1)) };
}
