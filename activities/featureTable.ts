import type { ArtifactRef, ColumnSpec } from '../contracts/artifact.js';
import { StoreError } from '../contracts/errors.js';
import type { CsrMatrix } from '../contracts/matrix.js';
import type { ModelInput, SequenceBatch } from '../contracts/model.js';
import type { ArtifactStore } from '../contracts/store.js';
import type { ColumnBatch } from '../contracts/table.js';
import { gather, integers } from '../core/table.js';

/**
 * Sparse features by row. One entry past the last row holds the width as its index: empty last columns are not lost.
 */
const SPARSE_COLUMNS = [
  { name: 'row', type: 'int32' },
  { name: 'index', type: 'int32' },
  { name: 'value', type: 'float32' },
] as const satisfies readonly ColumnSpec[];

/**
 * Tokens of sequences by row; part 1 is the second text of a pair. Padding is left out. One entry a part past the last
 * row holds the length as its position and the size of the vocabulary as its token.
 */
const SEQUENCE_COLUMNS = [
  { name: 'row', type: 'int32' },
  { name: 'part', type: 'int32' },
  { name: 'position', type: 'int32' },
  { name: 'token', type: 'int32' },
] as const satisfies readonly ColumnSpec[];

/** Stores what a model is fed, one table for all rows. */
export const writeFeatures = (artifacts: ArtifactStore, input: ModelInput): Promise<ArtifactRef> =>
  writeFeatureParts(artifacts, input.kind, [input]);

/**
 * The same for rows that come in parts: at least one, all of this kind.
 *
 * @param rowsPerShare so many rows begin a part of their own, so that the table is that which shares of rows are joined to
 */
export function writeFeatureParts(
  artifacts: ArtifactStore,
  kind: ModelInput['kind'],
  inputs: Inputs,
  rowsPerShare = Infinity,
): Promise<ArtifactRef> {
  const columns = kind === 'sparse' || kind === 'dense' ? SPARSE_COLUMNS : SEQUENCE_COLUMNS;
  return artifacts.writeSections('features', columns, sectionsOf(entries(inputs, rowsPerShare)));
}

/**
 * Stores the sparse features of a share of the rows; {@link ArtifactStore.joinTables} makes one table of all shares.
 *
 * @param first which row of the table is the first of these
 * @param isLast whether no rows follow
 */
export function writeFeatureShare(
  artifacts: ArtifactStore,
  inputs: Inputs,
  { first, isLast }: { readonly first: number; readonly isLast: boolean },
): Promise<ArtifactRef> {
  const own = async function* (): AsyncGenerator<ColumnBatch> {
    for await (const { batch, isEnd } of entries(inputs, Infinity, first)) if (!isEnd || isLast) yield batch;
  };
  return artifacts.writeTable('features', SPARSE_COLUMNS, own());
}

type Inputs = Iterable<ModelInput> | AsyncIterable<ModelInput>;

interface Entries {
  readonly batch: ColumnBatch;
  /** Of which share of the rows. */
  readonly share: number;
  readonly isEnd?: true;
}

/** Entries of inputs in order, those of different shares apart; the end belongs to the last one. Sequences are never shared. */
async function* entries(inputs: Inputs, rowsPerShare: number, first = 0): AsyncGenerator<Entries> {
  let row = first;
  let end: ColumnBatch | undefined;
  for await (const input of inputs) {
    if (input.kind === 'sparse') {
      for (let from = 0; from < input.matrix.rows;) {
        const share = Math.floor((row + from) / rowsPerShare);
        const to = Math.min(input.matrix.rows, (share + 1) * rowsPerShare - row);
        for (const batch of sparseBatches(input.matrix, { from, to }, row)) yield { batch, share };
        from = to;
      }
      row += input.matrix.rows;
      end = sparseEnd(row, input.matrix.cols);
    } else {
      const parts = sequencesOf(input);
      for (const batch of sequenceBatches(parts, row)) yield { batch, share: 0 };
      row += parts[0].rows;
      end = sequenceEnd(row, parts);
    }
  }
  const share = Math.max(0, Math.ceil(row / rowsPerShare) - 1);
  if (end) yield { batch: end, share, isEnd: true };
}

/** Entries share by share; each has to be gone through before the next is asked for. */
async function* sectionsOf(all: AsyncGenerator<Entries>): AsyncGenerator<AsyncIterable<ColumnBatch>> {
  try {
    let next = await all.next();
    const section = async function* (share: number): AsyncGenerator<ColumnBatch> {
      for (; next.done !== true && next.value.share === share; next = await all.next())
        yield next.value.batch;
    };
    while (next.done !== true) yield section(next.value.share);
  } finally {
    await all.return(undefined);
  }
}

function sequencesOf(
  input: Exclude<ModelInput, { kind: 'sparse' }>,
): readonly [SequenceBatch, ...SequenceBatch[]] {
  switch (input.kind) {
    case 'sequence':
      return [input.batch];
    case 'pair':
      return [input.first, input.second];
    case 'dense':
    case 'blocks':
      throw new RangeError(`${input.kind} features are stored as sparse ones`);
  }
}

/** Reads what {@link writeFeatures} stored. */
export async function readFeatures(
  artifacts: ArtifactStore,
  ref: ArtifactRef,
  rows: number,
): Promise<ModelInput> {
  const { columns } = await artifacts.manifest(ref);
  if (columns.some(({ name }) => name === 'token')) return readSequences(artifacts, ref, rows);
  return { kind: 'sparse', matrix: await readMatrix(artifacts, ref, rows) };
}

/** Entries of some rows, at most so many a batch. @param first which row of the table the matrix begins with */
function* sparseBatches(
  { indptr, indices, values }: CsrMatrix,
  rows: { readonly from: number; readonly to: number },
  first: number,
  batchRows = 262_144,
): Generator<ColumnBatch> {
  const [begin, end] = [indptr[rows.from]!, indptr[rows.to]!];
  const row = new Int32Array(end - begin);
  for (let at = rows.from; at < rows.to; at++) {
    row.fill(first + at, indptr[at]! - begin, indptr[at + 1]! - begin);
  }
  for (let from = begin; from < end; from += batchRows) {
    const to = Math.min(end, from + batchRows);
    yield {
      rows: to - from,
      columns: {
        row: row.subarray(from - begin, to - begin),
        index: indices.subarray(from, to),
        value: values.subarray(from, to),
      },
    };
  }
}

const sparseEnd = (rows: number, cols: number): ColumnBatch => ({
  rows: 1,
  columns: { row: Int32Array.of(rows), index: Int32Array.of(cols), value: Float32Array.of(0) },
});

/** Rebuilds the matrix from its coordinates, which are sorted by row. */
async function readMatrix(artifacts: ArtifactStore, ref: ArtifactRef, rows: number): Promise<CsrMatrix> {
  const entries = ref.rows - 1;
  const indptr = new Int32Array(rows + 1);
  const indices = new Int32Array(ref.rows);
  const values = new Float32Array(ref.rows);
  let at = 0;
  for await (const batch of artifacts.readTable(ref)) {
    indices.set(integers(batch, 'index'), at);
    values.set(batch.columns['value'] as Float32Array, at);
    const row = integers(batch, 'row');
    for (let i = 0; i < batch.rows; i++) if (row[i]! < rows) indptr[row[i]! + 1]! += 1;
    at += batch.rows;
  }
  for (let row = 0; row < rows; row++) indptr[row + 1]! += indptr[row]!;
  const cols = indices[entries]!;
  return { rows, cols, indptr, indices: indices.subarray(0, entries), values: values.subarray(0, entries) };
}

/** One batch for each few thousand rows of a part. */
function* sequenceBatches(
  parts: readonly SequenceBatch[],
  first: number,
  rowsPerBatch = 4096,
): Generator<ColumnBatch> {
  const [{ rows }] = parts as [SequenceBatch];
  for (let from = 0; from < rows; from += rowsPerBatch) {
    const entries: number[][] = [[], [], [], []];
    for (let row = from; row < Math.min(rows, from + rowsPerBatch); row++) {
      for (const [part, { length, tokens }] of parts.entries()) {
        for (let position = 0; position < length; position++) {
          const token = tokens[row * length + position]!;
          if (token === 0) break; // what follows is padding
          [first + row, part, position, token].forEach((value, c) => entries[c]!.push(value));
        }
      }
    }
    yield entryBatch(entries);
  }
}

const sequenceEnd = (rows: number, parts: readonly SequenceBatch[]): ColumnBatch =>
  entryBatch([
    parts.map(() => rows),
    parts.map((_, part) => part),
    parts.map(({ length }) => length),
    parts.map(({ vocabulary }) => vocabulary),
  ]);

const entryBatch = (entries: readonly number[][]): ColumnBatch => ({
  rows: entries[0]!.length,
  columns: Object.fromEntries(
    SEQUENCE_COLUMNS.map(({ name }, c) => [name, Int32Array.from(entries[c]!)] as const),
  ),
});

async function readSequences(artifacts: ArtifactStore, ref: ArtifactRef, rows: number): Promise<ModelInput> {
  const table = await gather(artifacts.readTable(ref));
  const [row, part, position, token] = SEQUENCE_COLUMNS.map(({ name }) => integers(table, name)) as [
    Int32Array,
    Int32Array,
    Int32Array,
    Int32Array,
  ];
  const parts: SequenceBatch[] = [];
  for (let entry = table.rows - 1; entry >= 0 && row[entry] === rows; entry--) {
    const length = position[entry]!;
    parts.unshift({ rows, length, vocabulary: token[entry]!, tokens: new Int32Array(rows * length) });
  }
  for (let entry = 0; entry < table.rows - parts.length; entry++) {
    const { length, tokens } = parts[part[entry]!]!;
    tokens[row[entry]! * length + position[entry]!] = token[entry]!;
  }
  const [first, second] = parts;
  if (!first)
    throw new StoreError(`${ref.key}: expected an entry that tells the sequences' length, found none`);
  return second ? { kind: 'pair', first, second } : { kind: 'sequence', batch: first };
}
