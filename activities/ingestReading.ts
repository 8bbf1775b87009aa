import type { DatasetConfig } from '../contracts/settings.js';
import type { StageContext, TableSession } from '../contracts/store.js';
import { columnParts } from '../core/ingest/parts.js';
import { textSql } from '../core/sql/text.js';
import type { DatasetFiles } from './datasetFiles.js';
import { loadJoinTables } from './joinedLarge.js';
import { formatOf } from './readSource.js';
import { RowTable } from './rowTable.js';

/** What is reported while files are read; the rest of 1 is for what comes after. */
const READING = 0.6;

/** Tells of the bytes of files as they come in. */
export function bytesReceived(
  { all }: Pick<DatasetFiles, 'all'>,
  { progress }: Pick<StageContext, 'progress'>,
): (bytes: number) => void {
  const total = Math.max(
    1,
    all.reduce((sum, file) => sum + file.sizeBytes, 0),
  );
  let done = 0;
  return (bytes) => {
    done += bytes;
    progress({ done: Math.min(done, total), total: total / READING, unit: 'bytes' });
  };
}

/** Where Parquet files lie on this machine: the session must be allowed to read them. */
export async function parquetPaths(
  dataset: DatasetConfig,
  { rows, joined }: Pick<DatasetFiles, 'rows' | 'joined'>,
): Promise<string[]> {
  const tables = [
    { format: dataset.format, files: rows },
    ...joined.map((files, i) => ({ format: dataset.joins![i]!.format, files })),
  ];
  const found = tables.flatMap(({ format, files }) =>
    files.filter(({ uri }) => (format ?? formatOf(uri)) === 'parquet'),
  );
  return Promise.all(found.map((file) => file.localPath()));
}

/** Tells of what comes after reading. */
export function settling({ progress }: StageContext): (share: number) => void {
  return (share) => progress({ done: READING + (1 - READING) * share, total: 1, unit: 'of the work' });
}

/** SELECT of the table `files`: where each file stands in the list of all, and how it is called. */
export function filesSql({ all }: Pick<DatasetFiles, 'all'>): string {
  const names = all.map(({ uri }, i) => `(${i}, ${textSql(uri)})`).join(', ');
  return `SELECT * FROM (VALUES ${names}) AS named(file, uri)`;
}

/** Makes the tables that files are read into, beside `rows` and `runs`. */
export async function createFileTables(
  session: TableSession,
  files: Pick<DatasetFiles, 'all'>,
): Promise<void> {
  await session.table('files', filesSql(files));
  await session.run(
    'CREATE TABLE aside (file INTEGER, line BIGINT, rule VARCHAR, reason VARCHAR, record VARCHAR)',
  );
}

/** The tables of a session that files of rows are read into, with what they are joined with. */
export async function openRowTable(
  session: TableSession,
  dataset: DatasetConfig,
  files: DatasetFiles,
  options: Pick<StageContext, 'signal'> & { readonly received: (bytes: number) => void },
): Promise<RowTable> {
  await createFileTables(session, files);
  const joins = await loadJoinTables(session, dataset, files, options);
  return RowTable.create(session, dataset, columnParts(dataset), joins);
}
