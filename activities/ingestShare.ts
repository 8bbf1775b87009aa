import { z } from 'zod';
import type { DatasetConfig } from '../contracts/settings.js';
import type { StageOutput } from '../contracts/stage.js';
import type { StageContext } from '../contracts/store.js';
import { sqlFunctions } from '../core/sql/functions.js';
import type { DatasetFiles } from './datasetFiles.js';
import { findParts } from './ingestParts.js';
import { bytesReceived, openRowTable, parquetPaths } from './ingestReading.js';

/** Every `of`-th file of rows, from `index` on. */
export const FileShare = z
  .strictObject({ index: z.int().min(0), of: z.int().min(1) })
  .refine(({ index, of }) => index < of, 'there are fewer shares');
type FileShare = z.infer<typeof FileShare>;

interface ShareJob {
  readonly dataset: DatasetConfig;
  readonly seed: number;
  readonly files: DatasetFiles;
  readonly share: FileShare;
}

/**
 * Reads a share of the files into parts, which are kept: ingest takes them from there, as it takes what an earlier run
 * has read. A file that is kept already is not read.
 *
 * @throws DataError where a file can't be read to its end, or lacks a configured column
 */
export async function ingestShare(
  { dataset, seed, files, share }: ShareJob,
  context: StageContext,
): Promise<StageOutput> {
  const rows = files.rows.filter((_, i) => i % share.of === share.index);
  const parts = await findParts(dataset, { ...files, rows }, context);
  const missing = parts.filter(({ kept }) => !kept);
  const figures = { files: parts.length, reused: parts.length - missing.length };
  if (missing.length === 0) return { outputs: {}, figures: { ...figures, rows: 0 } };
  const read = { rows: missing.map(({ file }) => file), joined: files.joined };
  const received = bytesReceived({ all: [...read.rows, ...files.joined.flat()] }, context);
  const options = { functions: sqlFunctions(seed), files: await parquetPaths(dataset, read) };
  return context.withTables(options, async (session) => {
    const table = await openRowTable(session, dataset, files, { signal: context.signal, received });
    for (const { file, key } of missing) {
      const [index, from] = [files.rows.indexOf(file), table.rows];
      await table.read(index, file, context, received);
      await context.pieces.keep(key, await table.writePart(index, from));
    }
    return { outputs: {}, figures: { ...figures, rows: table.rows } };
  });
}
