import type { ArtifactRef } from '../contracts/artifact.js';
import { ConfigError, DataError } from '../contracts/errors.js';
import type { DatasetConfig } from '../contracts/settings.js';
import type { StageOutput } from '../contracts/stage.js';
import type { StageContext, TableSession } from '../contracts/store.js';
import { keepsGroups } from '../core/ingest/assignSplit.js';
import type { IngestedPart } from '../core/ingest/partHistory.js';
import { columnParts } from '../core/ingest/parts.js';
import { dropRepeatedIds, numberCopies, quarantineSelect, rankedSides } from '../core/ingest/settleRows.js';
import { QUARANTINE_COLUMNS } from '../core/quarantine.js';
import { sqlFunctions } from '../core/sql/functions.js';
import type { SqlColumn } from '../core/sql/text.js';
import { type DatasetFiles, isParted } from './datasetFiles.js';
import { checkMatched, checkReadable, nothingLeft } from './ingestChecks.js';
import { ingestElsewhere } from './ingestElsewhere.js';
import { bytesReceived, openRowTable, parquetPaths, settling } from './ingestReading.js';
import { datasetColumns, EXAMPLES, refuseMissingTimes, repeatedIds, settledOutput } from './ingestSettled.js';
import { findParts, recordParts, type FilePart } from './ingestParts.js';
import { joinCounts } from './joinedLarge.js';
import type { RowTable } from './rowTable.js';

const KEPT = 'rule IS NULL AND is_gone IS NULL';
/** Rows that are looked at first for whether all are in order. */
const FIRST_ROWS = 10_000;

/**
 * What ingest does, for files that are larger than memory: the same rows, sides and quarantine, worked out by the database.
 *
 * @throws DataError, ConfigError as ingest does
 */
export async function ingestLarge(
  dataset: DatasetConfig,
  seed: number,
  files: DatasetFiles,
  context: StageContext,
): Promise<StageOutput> {
  const columns = new Set(columnParts(dataset).map(({ name }) => name));
  if (dataset.split.by === 'stratified' && keepsGroups(dataset.split) && columns.has('group')) {
    throw new ConfigError(
      'dataset.split: stratified with groups is for tables that fit in memory; take hash, which keeps groups together, too',
    );
  }
  const { elsewhere } = context;
  if (elsewhere) return ingestElsewhere(dataset, seed, files, { ...context, elsewhere });
  const paths = await parquetPaths(dataset, files);
  const parts = isParted(dataset, files) ? await findParts(dataset, files, context) : [];
  const inputs = keptInputs(parts);
  const options = { inputs, functions: sqlFunctions(seed), files: paths, progress: settling(context) };
  return context.withTables(options, async (session) => {
    const { table, ingested } = await readFiles(session, { dataset, files, parts }, context);
    await checkMatched(session, dataset);
    const read = await checkReadable(session, dataset, files.rows);
    for (const sql of columns.has('id')
      ? dropRepeatedIds(dataset.duplicateIds, table.columns)
      : numberCopies(dataset.split, table.columns)) {
      await session.run(sql);
    }
    await refuseRepeated(session, dataset);
    await session.run('UPDATE rows SET is_gone = true FROM dropped WHERE rows.rowid = dropped.row');
    await session.run(`CREATE VIEW kept AS SELECT rowid AS row, * FROM rows WHERE ${KEPT}`);
    const { outputs, figures } = await writeOut(session, table.columns, dataset, read);
    const joined = await joinCounts(session, dataset.joins ?? [], parts);
    if (parts.length === 0) return { outputs, figures: { ...figures, ...joined } };
    const recorded = await recordParts(dataset, ingested, context);
    return {
      outputs: { ...outputs, parts: [recorded.table] },
      figures: { ...figures, ...joined, ...recorded.figures },
    };
  });
}

/** Views over what was kept of files, by the position of the file. */
function keptInputs(parts: readonly FilePart[]): Record<string, readonly ArtifactRef[]> {
  const views = parts.flatMap(({ kept }, i) =>
    kept
      ? [
          [`part${i}Rows`, kept.outputs['rows']!] as const,
          [`part${i}Runs`, kept.outputs['runs']!] as const,
          [`part${i}Aside`, kept.outputs['quarantine']!] as const,
        ]
      : [],
  );
  return Object.fromEntries(views);
}

interface Reading {
  readonly dataset: DatasetConfig;
  readonly files: DatasetFiles;
  /** Of the files of rows; empty where they are not looked at one by one. */
  readonly parts: readonly FilePart[];
}

async function readFiles(
  session: TableSession,
  { dataset, files, parts }: Reading,
  context: StageContext,
): Promise<{ readonly table: RowTable; readonly ingested: readonly IngestedPart[] }> {
  const received = bytesReceived(files, context);
  const table = await openRowTable(session, dataset, files, { signal: context.signal, received });
  const ingested: IngestedPart[] = [];
  for (const [index, file] of files.rows.entries()) {
    const from = table.rows;
    const part = parts[index];
    if (part?.kept) await takeKept(table, index, part.kept, context);
    else await table.read(index, file, context, received);
    if (!part) continue;
    const output = part.kept ?? (await table.writePart(index, from));
    if (part.kept) received(file.sizeBytes);
    else await context.pieces.keep(part.key, output);
    ingested.push(partOf(part, output));
  }
  return { table, ingested };
}

async function takeKept(
  table: RowTable,
  index: number,
  { outputs }: StageOutput,
  { artifacts }: StageContext,
): Promise<void> {
  const [rows] = outputs['rows']!;
  const { columns } = await artifacts.manifest(rows!);
  await table.takePart(index, `part${index}`, columns, rows!.rows);
}

const partOf = ({ file, sha256, kept }: FilePart, { outputs, figures }: StageOutput): IngestedPart => ({
  ...{ uri: file.uri, sha256, rows: outputs['rows']![0]!.rows },
  newestMs: typeof figures['newest'] === 'number' ? figures['newest'] : undefined,
  isReused: kept !== undefined,
});

async function refuseRepeated(session: TableSession, dataset: DatasetConfig): Promise<void> {
  if (dataset.duplicateIds !== 'error') return;
  const [[count] = []] = await session.query('SELECT count(*) FROM dropped');
  if (Number(count) === 0) return;
  const examples = await session.query(
    `SELECT picked.id, files.uri, runs.line + picked.row - runs.row FROM (
       SELECT dropped.row, rows.id FROM dropped JOIN rows ON rows.rowid = dropped.row ORDER BY dropped.row LIMIT ${EXAMPLES}
     ) AS picked ASOF JOIN runs ON picked.row >= runs.row JOIN files ON files.file = runs.file ORDER BY picked.row`,
  );
  throw repeatedIds(dataset, Number(count), examples);
}

async function writeOut(
  session: TableSession,
  columns: readonly SqlColumn[],
  dataset: DatasetConfig,
  read: number,
): Promise<StageOutput> {
  await refuseMissingTimes(session, columns, dataset);
  const ranked = rankedSides(dataset.split, columns);
  if (ranked !== undefined) await session.run(`CREATE TABLE sides AS ${ranked}`);
  const side = ranked === undefined ? 'kept.side' : 'sides.side';
  const from = ranked === undefined ? 'kept' : 'kept JOIN sides ON kept.row = sides.row';
  const sizes = new Map(
    (await session.query(`SELECT ${side}, count(*) FROM ${from} GROUP BY 1`)).map(
      ([name, count]) => [name, Number(count)] as const,
    ),
  );
  const kept = [...sizes.values()].reduce((sum, count) => sum + count, 0);
  if (kept === 0) throw new DataError(await nothingLeft(session, read));
  const { specs, select } = datasetColumns(columns, dataset);
  const values = select.map((name) => (name === 'side' ? side : `kept.${name}`));
  const table =
    ranked === undefined && (await isOrdered(session))
      ? await session.writeRows('dataset', specs, { table: 'rows', values: select, where: KEPT })
      : await session.write('dataset', specs, `SELECT ${values.join(', ')} FROM ${from} ORDER BY kept.id`);
  const aside = await session.write(
    'quarantine',
    QUARANTINE_COLUMNS,
    quarantineSelect(columns, dataset.columns.id ?? ''),
  );
  return settledOutput(read, sizes, table, aside);
}

/** Whether rows came in the order of their ids: then there is nothing to sort. Most others show it at once. */
async function isOrdered(session: TableSession): Promise<boolean> {
  for (const among of [`WHERE row < ${FIRST_ROWS}`, '']) {
    const [[count] = []] = await session.query(
      `SELECT count(*) FROM (SELECT id, lag(id) OVER () AS before FROM kept ${among}) WHERE before > id`,
    );
    if (Number(count) > 0) return false;
  }
  return true;
}
