import type { ArtifactKind, ColumnSpec } from '../contracts/artifact.js';
import type { ColumnBatch } from '../contracts/table.js';
import { isMetricFile, isMetricTable, readMetricTable, writeMetricTable } from './metricTables.js';
import { readParquet, writeParquet, type ParquetFile } from './tables.js';

/** Kinds whose tables are small and flat; the others never go to parquetjs-lite. */
const METRIC_KINDS: ReadonlySet<ArtifactKind> = new Set(['metrics']);

type Batches = Iterable<ColumnBatch> | AsyncIterable<ColumnBatch>;

/** Writes an artifact's rows to Parquet files: metric tables by parquetjs-lite where it does that right, else DuckDB. */
export async function* writeParts(
  kind: ArtifactKind,
  directory: string,
  columns: readonly ColumnSpec[],
  batches: Batches,
): AsyncIterable<ParquetFile> {
  if (!METRIC_KINDS.has(kind)) {
    yield* writeParquet(directory, columns, batches);
    return;
  }
  const all: ColumnBatch[] = [];
  for await (const batch of batches) all.push(batch);
  if (isMetricTable(columns, all)) yield await writeMetricTable(directory, columns, all);
  else yield* writeParquet(directory, columns, all);
}

/** Reads a file that `writeParts` wrote. */
export async function* readPart(
  kind: ArtifactKind,
  path: string,
  columns: readonly ColumnSpec[],
): AsyncIterable<ColumnBatch> {
  if (METRIC_KINDS.has(kind) && (await isMetricFile(path))) yield await readMetricTable(path, columns);
  else yield* readParquet(path, columns);
}
