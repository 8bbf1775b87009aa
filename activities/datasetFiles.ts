import { DataError } from '../contracts/errors.js';
import type { DatasetConfig } from '../contracts/settings.js';
import type { SourceFile, SourceFiles } from '../contracts/store.js';
import { mayBeSeveral } from '../core/ingest/patterns.js';

/** The files that a dataset is made of. */
export interface DatasetFiles {
  readonly rows: readonly SourceFile[];
  /** Of each joined table. */
  readonly joined: readonly (readonly SourceFile[])[];
  /** All of them in the order in which quarantine tells of them: rows first. */
  readonly all: readonly SourceFile[];
}

/** @throws DataError where a source names no file */
export async function datasetFiles(dataset: DatasetConfig, sources: SourceFiles): Promise<DatasetFiles> {
  const find = async (where: string, source: string | readonly string[]): Promise<readonly SourceFile[]> => {
    const uris = [source].flat();
    const found = await sources.resolve(uris);
    if (found.length === 0) throw new DataError(`${where}: ${uris.join(', ')}: no such file`);
    return found;
  };
  const rows = await find('dataset.source', dataset.source);
  const joined = await Promise.all(
    (dataset.joins ?? []).map(({ name, source }) => find(`dataset.joins, ${name}`, source)),
  );
  return { rows, joined, all: [...rows, ...joined.flat()] };
}

/** About: packed files are taken for a quarter of what they hold. */
export function unpackedBytes(files: readonly SourceFile[]): number {
  const isPacked = (uri: string): boolean => /\.(gz|zst|parquet|pq)$/i.test(uri);
  return files.reduce((sum, { uri, sizeBytes }) => sum + sizeBytes * (isPacked(uri) ? 4 : 1), 0);
}

/** Whether files are looked at one by one: there may be more, fewer or other ones the next time. */
export const isParted = (dataset: DatasetConfig, { rows }: DatasetFiles): boolean =>
  rows.length > 1 || mayBeSeveral(dataset.source);
