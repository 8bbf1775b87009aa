import { z } from 'zod';
import { StoreError } from '../../contracts/errors.js';
import type { ColumnBatch, TableSchema } from '../../contracts/table.js';
import type { Feature, FittedBlock } from './block.js';
import { newFeaturizer, type Featurizer } from './featurizer.js';
import { isStep, type FittedStep } from './steps.js';

/**
 * A featurizer as a table: for every block or step one row that says what it is (`index` −1, `term` its settings as
 * JSON), then its features in order. `vector` holds the loadings of a component (float64, little-endian); those that
 * don't fit go on in further rows of the same index.
 */
export const FEATURIZER_COLUMNS = [
  { name: 'block', type: 'int32' },
  { name: 'index', type: 'int32' },
  { name: 'column', type: 'utf8' },
  { name: 'term', type: 'utf8' },
  { name: 'offset', type: 'float64' },
  { name: 'scale', type: 'float64' },
  { name: 'vector', type: 'bytes' },
] as const satisfies TableSchema;

const Header = z.strictObject({
  kind: z.string(),
  columns: z.array(z.string()),
  settings: z.record(z.string(), z.union([z.number(), z.string()])),
});

/** What a block needs beside its features comes before them, all by this index. */
const STATE = -2;

interface Row extends Feature {
  readonly block: number;
  readonly index: number;
  readonly vector?: Uint8Array;
}

/** Bytes of a component's loadings in one row. */
const VECTOR_BYTES = 2 ** 20;
const NO_BYTES = new Uint8Array(0);

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
        vector: part.map(({ vector }) => vector ?? NO_BYTES),
      },
    };
  }
}

function* rowsOf({ blocks, steps }: Featurizer): Generator<Row> {
  let index = 0;
  const parts: readonly FittedStep[] = [...blocks, ...steps];
  for (const [block, { kind, columns, settings, features, state = [], vectors }] of parts.entries()) {
    const term = JSON.stringify({ kind, columns, settings });
    yield { block, index: -1, column: columns.join('+'), term, offset: 0, scale: 1 };
    for (const entry of state) yield { block, index: STATE, ...entry };
    for (const [at, feature] of features.entries()) {
      const bytes = vectors ? bytesOf(vectors[at]!) : NO_BYTES;
      for (let from = 0; from === 0 || from < bytes.length; from += VECTOR_BYTES) {
        yield { block, index, ...feature, vector: bytes.subarray(from, from + VECTOR_BYTES) };
      }
      index++;
    }
  }
}

/**
 * The featurizer that {@link featurizerBatches} stored.
 *
 * @throws StoreError if the table is something else
 */
export function featurizerFromBatches(batches: Iterable<ColumnBatch>): Featurizer {
  const parts: Part[] = [];
  for (const { rows, columns } of batches) {
    const { index, column, term, offset, scale, vector } = columns as Record<
      string,
      ArrayLike<unknown> | undefined
    >;
    if (!index || !column || !term || !offset || !scale) {
      throw new StoreError(
        `table of a featurizer: expected ${names}, got ${Object.keys(columns).join(', ')}`,
      );
    }
    for (let row = 0; row < rows; row++) {
      if (index[row] === -1) {
        parts.push({ ...parseHeader(String(term[row])), features: [], bytes: [], last: -1 });
        continue;
      }
      const part = parts.at(-1);
      if (!part) throw new StoreError('table of a featurizer: it starts with a feature, not with its block');
      const feature = { column: String(column[row]), term: String(term[row]) };
      add(part, index[row] as number, vector?.[row] as Uint8Array | undefined, {
        ...feature,
        offset: Number(offset[row]),
        scale: Number(scale[row]),
      });
    }
  }
  const made = parts.map(finished);
  return newFeaturizer(
    made.filter((part) => !isStep(part)),
    made.filter((part) => isStep(part)),
  );
}

/** A block or step under way: features, and for each the pieces of its loadings. */
type Part = z.infer<typeof Header> & {
  features: Feature[];
  state?: Feature[];
  bytes: Uint8Array[][];
  last: number;
};

function add(part: Part, index: number, bytes: Uint8Array | undefined, feature: Feature): void {
  if (index === STATE) {
    (part.state ??= []).push(feature);
    return;
  }
  if (index !== part.last) {
    part.features.push(feature);
    part.bytes.push([]);
    part.last = index;
  }
  if (bytes && bytes.length > 0) part.bytes.at(-1)!.push(bytes);
}

function finished({ kind, columns, settings, features, state, bytes }: Part): FittedBlock | FittedStep {
  const block = { kind, columns, settings, features, ...(state ? { state } : {}) };
  return bytes.some((pieces) => pieces.length > 0) ? { ...block, vectors: bytes.map(vectorOf) } : block;
}

function bytesOf(vector: Float64Array): Uint8Array {
  const view = new DataView(new ArrayBuffer(vector.length * 8));
  vector.forEach((value, i) => view.setFloat64(i * 8, value, true));
  return new Uint8Array(view.buffer);
}

function vectorOf(pieces: readonly Uint8Array[]): Float64Array {
  const vector = new Float64Array(pieces.reduce((sum, { byteLength }) => sum + byteLength, 0) / 8);
  let at = 0;
  for (const { buffer, byteOffset, byteLength } of pieces) {
    const view = new DataView(buffer, byteOffset, byteLength);
    for (let from = 0; from < byteLength; from += 8) vector[at++] = view.getFloat64(from, true);
  }
  return vector;
}

const names = FEATURIZER_COLUMNS.map(({ name }) => name).join(', ');

function parseHeader(json: string): z.infer<typeof Header> {
  try {
    return Header.parse(JSON.parse(json));
  } catch (cause) {
    throw new StoreError(`table of a featurizer: ${json} does not describe a block of features`, { cause });
  }
}
