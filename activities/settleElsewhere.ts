import { DataError } from '../contracts/errors.js';
import type { DatasetConfig } from '../contracts/settings.js';
import type { StageOutput } from '../contracts/stage.js';
import type { SharedSession, SourceFile } from '../contracts/store.js';
import { columnParts } from '../core/ingest/parts.js';
import {
  dropRepeatedIds,
  lastOfSides,
  numberCopies,
  placed,
  quarantineSelect,
  standings,
  standingSides,
} from '../core/ingest/settleElsewhere.js';
import { rankedSides } from '../core/ingest/settleRows.js';
import { QUARANTINE_COLUMNS } from '../core/quarantine.js';
import type { SqlColumn } from '../core/sql/text.js';
import { checkMatched, checkReadable, nothingLeft, type ReadTables } from './ingestChecks.js';
import { datasetColumns, EXAMPLES, refuseMissingTimes, repeatedIds, settledOutput } from './ingestSettled.js';

const TABLES: ReadTables = {
  aside: `SELECT files.uri, found.line, found.reason, found.rule FROM (
    SELECT file, line, rule, reason FROM aside
    UNION ALL SELECT file, line, rule, reason FROM (${placed('SELECT row, rule, reason FROM numbered WHERE rule IS NOT NULL')})
  ) AS found JOIN files ON found.file = files.file`,
  rules: 'SELECT rule FROM numbered UNION ALL SELECT rule FROM aside',
};

/**
 * Settles ids and sides of all rows that were read, and writes what stays and what is put aside. Of the session's tables:
 * `files` (file, uri), `aside` (file, line, rule, reason, record), `runs` (row, file, line) and `numbered` (row, id,
 * side, rule, reason, record, and the columns).
 *
 * @throws DataError where the data can't be used
 */
export async function settleRows(
  session: SharedSession,
  columns: readonly SqlColumn[],
  dataset: DatasetConfig,
  files: readonly SourceFile[],
): Promise<StageOutput> {
  await checkMatched(session, dataset, TABLES);
  const read = await checkReadable(session, dataset, files, TABLES);
  const hasId = columnParts(dataset).some(({ name }) => name === 'id');
  const { tables, kept } = hasId
    ? dropRepeatedIds(dataset.duplicateIds, columns)
    : numberCopies(dataset.split, columns);
  for (const { name, select } of tables) await session.table(name, select);
  await refuseRepeated(session, dataset);
  await session.view('kept', kept);
  return writeOut(session, columns, dataset, read);
}

async function refuseRepeated(session: SharedSession, dataset: DatasetConfig): Promise<void> {
  if (dataset.duplicateIds !== 'error') return;
  const [[count] = []] = await session.query('SELECT count(*) FROM dropped');
  if (Number(count) === 0) return;
  const examples = await session.query(
    `SELECT found.id, files.uri, found.line FROM (${placed(
      `SELECT dropped.row, numbered.id FROM dropped JOIN numbered ON numbered.row = dropped.row ORDER BY dropped.row LIMIT ${EXAMPLES}`,
    )}) AS found JOIN files ON files.file = found.file ORDER BY found.row`,
  );
  throw repeatedIds(dataset, Number(count), examples);
}

async function writeOut(
  session: SharedSession,
  columns: readonly SqlColumn[],
  dataset: DatasetConfig,
  read: number,
): Promise<StageOutput> {
  await refuseMissingTimes(session, columns, dataset);
  const isRanked = await rankSides(session, columns, dataset.split);
  const side = isRanked ? 'sides.side' : 'kept.side';
  const from = isRanked ? 'kept JOIN sides ON kept.row = sides.row' : 'kept';
  const sizes = new Map(
    (await session.query(`SELECT ${side}, count(*) FROM ${from} GROUP BY 1`)).map(
      ([name, count]) => [name, Number(count)] as const,
    ),
  );
  const kept = [...sizes.values()].reduce((sum, count) => sum + count, 0);
  if (kept === 0) throw new DataError(await nothingLeft(session, read, TABLES));
  const { specs, select } = datasetColumns(columns, dataset);
  const values = select.map((name) => (name === 'side' ? side : `kept.${name}`));
  const table = await session.write(
    'dataset',
    specs,
    `SELECT ${values.join(', ')} FROM ${from} ORDER BY kept.id`,
  );
  const aside = await session.write(
    'quarantine',
    QUARANTINE_COLUMNS,
    quarantineSelect(columns, dataset.columns.id ?? ''),
  );
  return settledOutput(read, sizes, table, aside);
}

/** Makes the table `sides` where all rows decide on which side each is. @returns whether they do */
async function rankSides(
  session: SharedSession,
  columns: readonly SqlColumn[],
  split: DatasetConfig['split'],
): Promise<boolean> {
  if (split.by !== 'time') {
    const ranked = rankedSides(split, columns);
    if (ranked !== undefined) await session.table('sides', ranked);
    return ranked !== undefined;
  }
  await session.table('standings', standings(split, columns));
  let last: readonly number[] = [];
  const found = await session.ranked('SELECT standing FROM standings', (count) => {
    last = lastOfSides(split, count);
    return last.map((position) => Math.max(0, position));
  });
  await session.table('sides', standingSides(last.map((position, i) => (position < 0 ? null : found[i]!))));
  return true;
}
