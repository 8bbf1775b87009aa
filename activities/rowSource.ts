import type { ArtifactRef } from '../contracts/artifact.js';
import type { StageContext } from '../contracts/store.js';
import type { ColumnBatch } from '../contracts/table.js';
import { gather, pickRows, texts } from '../core/table.js';

/** Rows of a table in order, as often as they are asked for: all kept in memory, or read anew each time. */
export interface RowSource {
  readonly rows: number;
  readonly columns: readonly string[];
  readonly isKept: boolean;
  read(columns?: readonly string[]): AsyncIterable<ColumnBatch> | Iterable<ColumnBatch>;
}

/** Told how many rows a step has seen. */
export type Tell = (rows: number) => void;

/** How much larger a table is in memory than in Parquet, about. */
const UNPACKED = 4;

/** A table kept in memory. */
export const keptRows = (table: ColumnBatch): RowSource => ({
  rows: table.rows,
  columns: Object.keys(table.columns),
  isKept: true,
  read: () => [table],
});

/** A table of the store, which is kept only if it fits in memory, or must. */
export async function openRows(
  ref: ArtifactRef,
  { artifacts, inMemoryBytes }: Pick<StageContext, 'artifacts' | 'inMemoryBytes'>,
  mustFit: boolean,
): Promise<RowSource> {
  const { parts, columns } = await artifacts.manifest(ref);
  const sizeBytes = UNPACKED * parts.reduce((sum, part) => sum + part.sizeBytes, 0);
  if (mustFit || sizeBytes <= inMemoryBytes) return keptRows(await gather(artifacts.readTable(ref)));
  return {
    rows: ref.rows,
    columns: columns.map(({ name }) => name),
    isKept: false,
    read: (wanted) => artifacts.readTable(ref, wanted ? { columns: wanted } : {}),
  };
}

/** Steps of a stage, each told by how many of so many rows it has seen. @throws the abortion between two batches */
export const stepsOf =
  (rows: number, total: number, { progress, signal }: Pick<StageContext, 'progress' | 'signal'>) =>
  (step: number): Tell =>
  (done) => {
    signal.throwIfAborted();
    progress({ done: step + Math.min(1, done / Math.max(1, rows)), total, unit: 'steps' });
  };

/** Those of the training split. Of what was kept, they are kept too. */
export async function trainingRows(source: RowSource, training: number): Promise<RowSource> {
  const picked = async function* (columns?: readonly string[]): AsyncGenerator<ColumnBatch> {
    for await (const batch of source.read(columns && [...new Set([...columns, 'split'])])) {
      const sides = texts(batch, 'split');
      const rows = Int32Array.from(sides.keys()).filter((row) => sides[row] === 'train');
      if (rows.length > 0) yield pickRows(batch, rows);
    }
  };
  return source.isKept ? keptRows(await gather(picked())) : { ...source, rows: training, read: picked };
}

/** Some rows of a table, found by their numbers in it. */
export interface NumberedRows {
  readonly batch: ColumnBatch;
  /** Where in `batch` a row of the table is. */
  placeOf(row: number): number;
}

/** Some rows of a table, in any order and more than once, without holding the others. */
export async function readNumbered(
  artifacts: StageContext['artifacts'],
  ref: ArtifactRef,
  rows: Iterable<number>,
  columns?: readonly string[],
): Promise<NumberedRows> {
  const ascending = Int32Array.from(new Set(rows)).sort();
  const places = new Map(Array.from(ascending, (row, place) => [row, place]));
  return { batch: await readSome(artifacts, ref, ascending, columns), placeOf: (row) => places.get(row)! };
}

/**
 * Some rows of a table, without holding the others.
 *
 * @param rows ascending
 */
export function readSome(
  artifacts: StageContext['artifacts'],
  ref: ArtifactRef,
  rows: Int32Array,
  columns?: readonly string[],
): Promise<ColumnBatch> {
  const picked = async function* (): AsyncGenerator<ColumnBatch> {
    let [from, at] = [0, 0];
    for await (const batch of artifacts.readTable(ref, columns ? { columns } : {})) {
      const first = at;
      while (at < rows.length && rows[at]! >= from && rows[at]! < from + batch.rows) at++;
      yield pickRows(
        batch,
        rows.subarray(first, at).map((row) => row - from),
      );
      from += batch.rows;
      if (at === rows.length) return;
    }
    if (at < rows.length)
      throw new RangeError(`row ${rows[at]!} of a table of ${from} rows, or not ascending`);
  };
  return gather(picked());
}
