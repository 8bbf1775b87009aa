import { z } from 'zod';
import { StoreError } from '../../contracts/errors.js';
import type { ColumnBatch, TableSchema } from '../../contracts/table.js';
import type { Feature, FittedBlock } from './block.js';
import { newFeaturizer, type Featurizer } from './featurizer.js';

/**
 * A featurizer as a table: for every block one row that says what it is (`index` −1, `term` its settings as JSON),
 * then its features in order.
 */
export const FEATURIZER_COLUMNS = [
  { name: 'block', type: 'int32' },
  { name: 'index', type: 'int32' },
  { name: 'column', type: 'utf8' },
  { name: 'term', type: 'utf8' },
  { name: 'offset', type: 'float64' },
  { name: 'scale', type: 'float64' },
] as const satisfies TableSchema;

const Header = z.strictObject({
  kind: z.string(),
  columns: z.array(z.string()),
  settings: z.record(z.string(), z.union([z.number(), z.string()])),
});

interface Row extends Feature {
  readonly block: number;
  readonly index: number;
}

/** The featurizer's table, at most `batchRows` rows a batch. */
export function* featurizerBatches(featurizer: Featurizer, batchRows = 65_536): Generator<ColumnBatch> {
  const rows = [...rowsOf(featurizer)];
  for (let from = 0; from < rows.length; from += batchRows) {
    const part = rows.slice(from, from + batchRows);
    yield {
      rows: part.length,
      columns: {
        block: Int32Array.from(part, ({ block }) => block),
        index: Int32Array.from(part, ({ index }) => index),
        column: part.map(({ column }) => column),
        term: part.map(({ term }) => term),
        offset: Float64Array.from(part, ({ offset }) => offset),
        scale: Float64Array.from(part, ({ scale }) => scale),
      },
    };
  }
}

function* rowsOf({ blocks }: Featurizer): Generator<Row> {
  let index = 0;
  for (const [block, { kind, columns, settings, features }] of blocks.entries()) {
    const term = JSON.stringify({ kind, columns, settings });
    yield { block, index: -1, column: columns.join('+'), term, offset: 0, scale: 1 };
    for (const feature of features) yield { block, index: index++, ...feature };
  }
}

/**
 * The featurizer that {@link featurizerBatches} stored.
 *
 * @throws StoreError if the table is something else
 */
export function featurizerFromBatches(batches: Iterable<ColumnBatch>): Featurizer {
  const blocks: (z.infer<typeof Header> & { features: Feature[] })[] = [];
  for (const { rows, columns } of batches) {
    const { index, column, term, offset, scale } = columns as Record<string, ArrayLike<unknown> | undefined>;
    if (!index || !column || !term || !offset || !scale) {
      throw new StoreError(
        `table of a featurizer: expected ${names}, got ${Object.keys(columns).join(', ')}`,
      );
    }
    for (let row = 0; row < rows; row++) {
      if (index[row] === -1) {
        blocks.push({ ...parseHeader(String(term[row])), features: [] });
        continue;
      }
      const block = blocks.at(-1);
      if (!block) throw new StoreError('table of a featurizer: it starts with a feature, not with its block');
      block.features.push({
        column: String(column[row]),
        term: String(term[row]),
        offset: Number(offset[row]),
        scale: Number(scale[row]),
      });
    }
  }
  return newFeaturizer(blocks satisfies FittedBlock[]);
}

const names = FEATURIZER_COLUMNS.map(({ name }) => name).join(', ');

function parseHeader(json: string): z.infer<typeof Header> {
  try {
    return Header.parse(JSON.parse(json));
  } catch (cause) {
    throw new StoreError(`table of a featurizer: ${json} does not describe a block of features`, { cause });
  }
}
